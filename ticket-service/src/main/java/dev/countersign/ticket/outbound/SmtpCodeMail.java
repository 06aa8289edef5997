package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.CodeMail;
import dev.countersign.ticket.application.Roster;
import io.quarkus.mailer.Mail;
import io.quarkus.mailer.reactive.ReactiveMailer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/// The mail that holds a code, and nothing that could be followed.
@ApplicationScoped
class SmtpCodeMail implements CodeMail {

  private final ReactiveMailer mailer;

  @Inject
  SmtpCodeMail(ReactiveMailer mailer) {
    this.mailer = mailer;
  }

  @Override
  public Uni<Void> send(Roster.Person to, String code) {
    String text =
        """
        Your Countersign code:

            %s

        Type it into the browser that asked for it, within ten minutes.
        It works once, and only there. Nobody will ever ask you for it.

        If you did not ask for a code, somebody else typed your address.
        They cannot use it without this mail; you need not do anything.
        """
            .formatted(code);
    return mailer.send(Mail.withText(to.mail(), "Your Countersign sign-in code", text));
  }
}
