package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.InvitationMail;
import dev.countersign.ticket.application.Roster;
import io.quarkus.mailer.Mail;
import io.quarkus.mailer.reactive.ReactiveMailer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;

/// The mail that leads to an enrolment, and lets nobody do anything.
@ApplicationScoped
class SmtpInvitationMail implements InvitationMail {

  private final ReactiveMailer mailer;

  @Inject
  SmtpInvitationMail(ReactiveMailer mailer) {
    this.mailer = mailer;
  }

  @Override
  public Uni<Void> send(Roster.Person to, URI link) {
    String text =
        """
        You are invited to answer for what AI agents ask to do. For that you
        need a passkey: your fingerprint, your face or a PIN, on a device of yours.

        Open this page on that device, within a day:

            %s

        It asks for a code of eight characters. Whoever invited you tells you the
        code, not by mail. Without it this link is good for nothing.
        """
            .formatted(link);
    return mailer.send(Mail.withText(to.mail(), "Make your Countersign passkey", text));
  }
}
