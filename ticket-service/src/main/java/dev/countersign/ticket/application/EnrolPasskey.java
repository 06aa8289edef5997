package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.EnrolmentOutcome;
import dev.countersign.ticket.domain.InvitationId;
import dev.countersign.ticket.domain.PasskeyRefusal;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// An invited person makes their passkey: types the code, lets the browser make one, and gets the
/// fingerprint that a second party compares before it counts.
@ApplicationScoped
public class EnrolPasskey {

  private static final int MOST_TRIES = 5;
  private static final int LONGEST_LABEL = 60;

  /// What came of typing the code.
  public sealed interface Begun {
    /// What the page hands to the browser.
    record Asked(CeremonyId ceremony, CreationOptions publicKey) implements Begun {}

    record Wrong(int triesLeft) implements Begun {}

    /// The invitation was used, is over, or was tried too often.
    record Over() implements Begun {}
  }

  /// What came of the passkey.
  public sealed interface Enrolled {
    /// It waits for a second party. `fingerprint` is what the person reads out to them.
    record Waits(String fingerprint) implements Enrolled {}

    record Refused(PasskeyRefusal refusal) implements Enrolled {}

    record Over() implements Enrolled {}
  }

  private final Mutiny.SessionFactory database;
  private final Enrolments enrolments;
  private final Ceremonies ceremonies;
  private final HoldCeremony hold;
  private final Passkeys passkeys;
  private final Roster roster;
  private final WebAuthn webAuthn;
  private final ChangeEnrolment change;
  private final Vertx vertx;

  @Inject
  EnrolPasskey(
      Mutiny.SessionFactory database,
      Enrolments enrolments,
      Ceremonies ceremonies,
      HoldCeremony hold,
      Passkeys passkeys,
      Roster roster,
      WebAuthn webAuthn,
      ChangeEnrolment change,
      Vertx vertx) {
    this.database = database;
    this.enrolments = enrolments;
    this.ceremonies = ceremonies;
    this.hold = hold;
    this.passkeys = passkeys;
    this.roster = roster;
    this.webAuthn = webAuthn;
    this.change = change;
    this.vertx = vertx;
  }

  /// Whom this invitation is for, while a passkey can still be made on it.
  public Uni<Optional<Roster.Person>> invited(InvitationId id) {
    return database
        .withStatelessSession(session -> enrolments.find(session, id))
        .map(filed ->
            filed
                .filter(it -> it.enrolment() instanceof Enrolment.Invited)
                .filter(it -> it.now().isBefore(it.enrolment().invitation().until()))
                .flatMap(it -> roster.find(it.enrolment().invitation().approver())));
  }

  /// Types the code. The try is counted before it is looked at.
  public Uni<Begun> begin(InvitationId id, String code) {
    return database
        .withStatelessTransaction(session -> enrolments.tryCode(session, id, MOST_TRIES))
        .chain(tried ->
            tried.isEmpty()
                ? over()
                : vertx
                    .executeBlocking(() -> OneTimeCode.is(tried.get().code(), id, code), false)
                    .chain(right -> right ? ask(id) : wrong(MOST_TRIES - tried.get().tries())));
  }

  private Uni<Begun> ask(InvitationId id) {
    return database.withStatelessTransaction(session ->
        enrolments
            .untryCode(session, id)
            .chain(() -> enrolments.find(session, id))
            .chain(filed -> {
              Optional<Roster.Person> person =
                  filed.flatMap(it -> roster.find(it.enrolment().invitation().approver()));
              return person.isEmpty() ? over() : ask(session, id, person.get());
            }));
  }

  private Uni<Begun> ask(Mutiny.StatelessSession session, InvitationId id, Roster.Person person) {
    Ceremonies.Ceremony ceremony = hold.make(Ceremonies.Purpose.ENROLMENT, id.toString(), "");
    return passkeys
        .confirmed(session, person.id())
        .chain(held ->
            ceremonies
                .put(session, ceremony)
                .replaceWith(
                    new Begun.Asked(
                        ceremony.id(),
                        CreationOptions.of(ceremony.nonce(), webAuthn.rpId(), person, held))));
  }

  /// Takes what the browser made. The ceremony is used up, whatever comes of it.
  ///
  /// @param label how the person calls the device
  public Uni<Enrolled> finish(
      InvitationId id,
      @Nullable String ceremony,
      @Nullable String registration,
      @Nullable String label) {
    Optional<RegistrationResponse> response = RegistrationResponse.parse(registration);
    return hold.take(ceremony, Ceremonies.Purpose.ENROLMENT)
        .chain(taken -> {
          if (taken.isEmpty() || !id.toString().equals(taken.get().subject())) {
            return refused(PasskeyRefusal.CEREMONY_OVER);
          }
          if (response.isEmpty()) {
            return refused(PasskeyRefusal.UNREADABLE);
          }
          return webAuthn
              .register(taken.get().nonceBytes(), response.get())
              .chain(registered ->
                  switch (registered) {
                    case WebAuthn.Registered.Made made -> file(id, made.credential(), named(label));
                    case WebAuthn.Registered.Fails fails -> refused(fails.refusal());
                  });
        });
  }

  private Uni<Enrolled> file(InvitationId id, Credential credential, String label) {
    return change
        .make(id, credential, label)
        .map(outcome ->
            switch (outcome) {
              case EnrolmentOutcome.Changed _, EnrolmentOutcome.Unchanged _ ->
                  new Enrolled.Waits(credential.fingerprint());
              case EnrolmentOutcome.Refused _ -> new Enrolled.Over();
            });
  }

  private static String named(@Nullable String label) {
    String name = label == null ? "" : label.strip().replaceAll("\\p{Cntrl}", " ");
    if (name.isEmpty()) {
      return "Passkey";
    }
    int end = Math.min(name.codePointCount(0, name.length()), LONGEST_LABEL);
    return name.substring(0, name.offsetByCodePoints(0, end));
  }

  private static Uni<Begun> over() {
    return Uni.createFrom().item(new Begun.Over());
  }

  private static Uni<Begun> wrong(int triesLeft) {
    return Uni.createFrom().item(triesLeft > 0 ? new Begun.Wrong(triesLeft) : new Begun.Over());
  }

  private static Uni<Enrolled> refused(PasskeyRefusal refusal) {
    return Uni.createFrom().item(new Enrolled.Refused(refusal));
  }
}
