package dev.countersign.ticket.application;

import dev.countersign.events.Oversight;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.EnrolmentMachine;
import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.Invitation;
import dev.countersign.ticket.domain.InvitationId;
import dev.countersign.ticket.domain.Party;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// A party invites a person to make a passkey. The link is mailed; the code is shown to the party
/// alone, once, to be told on another way.
@ApplicationScoped
public class InvitePerson {

  private static final Logger LOG = Logger.getLogger(InvitePerson.class);

  /// What came of it.
  public sealed interface Inviting {
    /// @param code to be told to the person, and to nobody else
    record Invited(Invitation invitation, Roster.Person person, URI link, String code)
        implements Inviting {}

    record Refused(EnrolmentRefusal refusal) implements Inviting {}
  }

  private final Mutiny.SessionFactory database;
  private final Enrolments enrolments;
  private final Roster roster;
  private final InvitationMail mail;
  private final Outbox outbox;
  private final Vertx vertx;
  private final URI url;
  private final SecureRandom random = new SecureRandom();

  @Inject
  InvitePerson(
      Mutiny.SessionFactory database,
      Enrolments enrolments,
      Roster roster,
      InvitationMail mail,
      Outbox outbox,
      Vertx vertx,
      @ConfigProperty(name = "countersign.ticket.url") URI url) {
    this.database = database;
    this.enrolments = enrolments;
    this.roster = roster;
    this.mail = mail;
    this.outbox = outbox;
    this.vertx = vertx;
    this.url = url;
  }

  /// @param idOrAddress whom, as the operator's file names them
  public Uni<Inviting> invite(Party by, String idOrAddress) {
    Optional<EnrolmentRefusal> refusal = EnrolmentMachine.asAdmin(by);
    if (refusal.isPresent()) {
      return refused(refusal.get());
    }
    Optional<Roster.Person> person = roster.find(idOrAddress);
    return person.isEmpty() ? refused(EnrolmentRefusal.UNKNOWN_PERSON) : invite(by, person.get());
  }

  private Uni<Inviting> invite(Party by, Roster.Person person) {
    InvitationId id = new InvitationId(UUID.randomUUID());
    String code = OneTimeCode.make(random);
    URI link = url.resolve("/enrol/" + id);
    return vertx
        .executeBlocking(() -> OneTimeCode.hash(id, code), false)
        .chain(hash ->
            database.withStatelessTransaction(session ->
                enrolments
                    .invite(session, id, person.id(), by.id(), hash)
                    .call(invitation ->
                        outbox.append(session, List.of(new Outgoing(invited(invitation), null))))))
        .map(invitation -> {
          tell(person, link);
          return new Inviting.Invited(invitation, person, link, code);
        });
  }

  private static Oversight invited(Invitation invitation) {
    return new Oversight(
        invitation.id().asActionId(),
        invitation.at(),
        Oversight.Change.INVITED,
        invitation.by(),
        invitation.approver(),
        null,
        null,
        null);
  }

  // The invitation stands without it: whoever invites can tell the link too.
  private void tell(Roster.Person person, URI link) {
    mail.send(person, link)
        .subscribe()
        .with(
            _ -> LOG.infof("Invitation mailed approver=%s", person.id()),
            failure ->
                LOG.errorf(
                    "Invitation could not be mailed approver=%s cause=%s",
                    person.id(), failure.toString()));
  }

  private static Uni<Inviting> refused(EnrolmentRefusal refusal) {
    return Uni.createFrom().item(new Inviting.Refused(refusal));
  }
}
