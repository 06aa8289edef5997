package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.Credential;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// The passkeys that count: made by their person and vouched for by a second one.
public interface Passkeys {

  /// Whose passkey it is.
  record Held(String approver, Credential credential) {}

  /// Those of this person, the last used first.
  Uni<List<Credential>> confirmed(Mutiny.StatelessSession session, String approver);

  /// The confirmed passkey of this credential id, locked until the transaction ends, so that of two
  /// uses at once each sees the other's count.
  Uni<Optional<Held>> lockConfirmed(Mutiny.StatelessSession session, String credentialId);

  /// Those of these credential ids that are confirmed. None of them is revoked until the
  /// transaction ends.
  Uni<Set<String>> share(Mutiny.StatelessSession session, Set<String> credentialIds);

  /// Notes a use and the count that it came with.
  Uni<Void> used(Mutiny.StatelessSession session, String credentialId, long signCount);
}
