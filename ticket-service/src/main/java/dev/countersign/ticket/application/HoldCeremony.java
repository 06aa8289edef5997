package dev.countersign.ticket.application;

import dev.countersign.events.VoteChallenge;
import dev.countersign.ticket.application.Ceremonies.Ceremony;
import dev.countersign.ticket.application.Ceremonies.Purpose;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Makes ceremonies that nobody can guess, and takes each of them once.
@ApplicationScoped
class HoldCeremony {

  private final Mutiny.SessionFactory database;
  private final Ceremonies ceremonies;
  private final SecureRandom random = new SecureRandom();

  @Inject
  HoldCeremony(Mutiny.SessionFactory database, Ceremonies ceremonies) {
    this.database = database;
    this.ceremonies = ceremonies;
  }

  /// A new one, on file nowhere yet.
  Ceremony make(Purpose purpose, String subject, String content) {
    byte[] nonce = new byte[VoteChallenge.NONCE_BYTES];
    random.nextBytes(nonce);
    return new Ceremony(
        new CeremonyId(UUID.randomUUID()),
        purpose,
        subject,
        Base64.getUrlEncoder().withoutPadding().encodeToString(nonce),
        content);
  }

  /// Takes the one whose id stands in a form, in a transaction of its own: used up is used up, even
  /// if we die over the rest.
  Uni<Optional<Ceremony>> take(@Nullable String id, Purpose purpose) {
    Optional<CeremonyId> ceremony = CeremonyId.of(id);
    return ceremony.isEmpty()
        ? Uni.createFrom().item(Optional.empty())
        : database.withStatelessTransaction(
            session -> ceremonies.take(session, ceremony.get(), purpose));
  }
}
