package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Codes that were asked for, and sessions, by the database's clock. Only hashes of tokens come
/// here.
public interface Sessions {

  /// How many codes were asked for in the last ten minutes.
  record Asked(long forApprover, long fromRemote) {}

  /// A code that one more try was made at. `approver`, and the hash of their address, are absent
  /// where the address was nobody's.
  @SuppressWarnings("ArrayRecordComponent") // compared by MessageDigest.isEqual alone
  record Tried(@Nullable String approver, @Nullable String address, byte[] code, int tries) {}

  /// Who holds a session, and how it began.
  ///
  /// @param passkey the credential id of what it began by; absent where that was none, and in a
  ///   session that is older than this is noted
  /// @param address the hash of the address that its code was mailed to; absent where it began by
  ///   something else
  record Holder(String approver, Began began, @Nullable String passkey, @Nullable String address) {}

  Uni<Asked> asked(Mutiny.StatelessSession session, @Nullable String approver, String remote);

  /// Puts a code in the place of any that this browser asked for before.
  Uni<Void> putCode(
      Mutiny.StatelessSession session,
      byte[] browser,
      @Nullable String approver,
      @Nullable String address,
      byte[] code,
      String remote);

  /// Counts a try; empty where there is no code, or none that is good still.
  Uni<Optional<Tried>> tryCode(Mutiny.StatelessSession session, byte[] browser, int mostTries);

  Uni<Void> dropCode(Mutiny.StatelessSession session, byte[] browser);

  Uni<Void> begin(Mutiny.StatelessSession session, byte[] token, Holder holder);

  /// Whose session this is, if it is neither idle for fifteen minutes nor eight hours old; it is
  /// thereby no longer idle, which is noted every twenty seconds at most.
  Uni<Optional<Holder>> touch(Mutiny.StatelessSession session, byte[] token);

  /// Whose session this is, and nothing is noted: a page that looks for news by itself is no sign
  /// that anybody is there.
  Uni<Optional<Holder>> peek(Mutiny.StatelessSession session, byte[] token);

  Uni<Void> end(Mutiny.StatelessSession session, byte[] token);

  /// Ends all that this person holds, and drops the codes that they asked for; how many ended.
  Uni<Integer> endAllOf(Mutiny.StatelessSession session, String approver);

  /// Ends all of them, and drops every code that was asked for.
  Uni<Void> endAll(Mutiny.StatelessSession session);
}
