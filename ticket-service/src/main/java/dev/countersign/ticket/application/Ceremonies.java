package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import java.util.Base64;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// What passkeys were asked to sign and have not signed yet, by the database's clock.
public interface Ceremonies {

  enum Purpose {
    /// An answer to a ticket, or to several.
    VOTE,
    /// The making of a passkey.
    ENROLMENT,
    /// A session.
    SIGN_IN
  }

  /// @param subject for whom: an approver's id, an invitation's, or where it is asked from
  /// @param nonce 32 bytes as base64url
  /// @param content what it is about, as its use case writes it
  record Ceremony(CeremonyId id, Purpose purpose, String subject, String nonce, String content) {

    byte[] nonceBytes() {
      return Base64.getUrlDecoder().decode(nonce);
    }
  }

  /// How many of these were begun in the last five minutes.
  Uni<Long> count(Mutiny.StatelessSession session, Purpose purpose, String subject);

  /// Drops all of them.
  Uni<Void> dropAll(Mutiny.StatelessSession session);

  Uni<Void> put(Mutiny.StatelessSession session, Ceremony ceremony);

  /// Takes it: it is gone when the transaction commits, whoever asked and whatever comes of it.
  /// Empty where there is none of this id and purpose that is younger than five minutes.
  Uni<Optional<Ceremony>> take(Mutiny.StatelessSession session, CeremonyId id, Purpose purpose);
}
