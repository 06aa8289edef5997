package dev.countersign.notifier.outbound;

import dev.countersign.notifier.application.People.Address;
import dev.countersign.notifier.application.Post;
import dev.countersign.notifier.domain.Delivery;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.Letter;
import dev.countersign.smtp.NothingSentException;
import io.quarkus.mailer.Mail;
import io.quarkus.mailer.reactive.ReactiveMailer;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.mail.SMTPException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLHandshakeException;
import org.jboss.logging.Logger;

/// SMTP. What the server's reply leaves open (RFC 5321 §4.2.1) is decided here, towards never
/// sending twice.
@ApplicationScoped
class MailPost implements Post {

  private static final Logger LOG = Logger.getLogger(MailPost.class);

  // RFC 4954 §6: our own credentials are wrong or asked for. The letter is fine and the operator
  // will mend that.
  private static final Set<Integer> OUR_CREDENTIALS = Set.of(530, 534, 535, 538);

  // Vert.x's words for the steps of a mail. Nothing else tells to which step the server said no; an
  // unreadable reply counts as 500 wherever it comes. A no to any other step (the greeting, HELO,
  // AUTH, RSET) came before MAIL FROM.
  private static final List<String> STEPS_OF_A_MAIL =
      List.of(
          "sender address not accepted",
          "recipient address not accepted",
          "DATA command not accepted",
          "sending data failed");

  private final ReactiveMailer mailer;
  private final Template html;
  private final Template text;

  @Inject
  MailPost(
      ReactiveMailer mailer,
      @Location("letter.html") Template html,
      @Location("letter.txt") Template text) {
    this.mailer = mailer;
    this.html = html;
    this.text = text;
  }

  @Override
  public CompletableFuture<Delivery> send(Letter letter, Address address) {
    return Uni.createFrom()
        .deferred(() -> mailer.send(mail(letter, address)))
        .<Delivery>map(_ -> new Delivery.Accepted())
        .onFailure()
        .recoverWithItem(failure -> delivery(letter, failure))
        .subscribeAsCompletionStage();
  }

  private Mail mail(Letter letter, Address address) {
    Mail mail =
        new Mail()
            .addTo(address.mail())
            .setSubject(letter.subject())
            .setText(render(text, letter, address))
            .setHtml(render(html, letter, address))
            .addHeader("Message-ID", letter.messageId())
            .addHeader("X-Countersign-Action", letter.actionId().toString())
            .addHeader("X-Countersign-Step", letter.step().code())
            // RFC 3834 §5: no vacation notice in return.
            .addHeader("Auto-Submitted", "auto-generated");
    if (!letter.messageId().equals(letter.threadId())) {
      mail.addHeader("In-Reply-To", letter.threadId());
      mail.addHeader("References", letter.threadId());
    }
    return mail;
  }

  private static String render(Template template, Letter letter, Address address) {
    return template.data("letter", letter, "until", letter.until(address.zone())).render();
  }

  private static Delivery delivery(Letter letter, Throwable cause) {
    Delivery delivery =
        switch (cause) {
          case SMTPException reply ->
              reply.isPermanent() && refusesTheMail(reply)
                  ? new Delivery.Failed(Failure.REFUSED_BY_SERVER)
                  : new Delivery.Postponed();
          // No connection was made, or none that a mail was begun on.
          case ConnectException _,
              UnknownHostException _,
              NoRouteToHostException _,
              SSLHandshakeException _,
              NothingSentException _ ->
              new Delivery.Postponed();
          // An address that is none.
          case IllegalArgumentException _ -> new Delivery.Failed(Failure.NO_ADDRESS);
          // The connection ended somewhere on the way: the server may have taken it.
          default -> new Delivery.Failed(Failure.IN_DOUBT);
        };
    // The server's words can hold the address: only its code is logged.
    String reply =
        cause instanceof SMTPException smtp
            ? String.valueOf(smtp.getReplyCode())
            : cause.getClass().getSimpleName();
    LOG.warnf(
        "Mail not accepted actionId=%s recipient=%s step=%s attempt=%d reply=%s",
        letter.actionId(), letter.recipient(), letter.step().code(), letter.attempt(), reply);
    return delivery;
  }

  private static boolean refusesTheMail(SMTPException reply) {
    String words = String.valueOf(reply.getMessage());
    return STEPS_OF_A_MAIL.stream().anyMatch(words::startsWith)
        && !OUR_CREDENTIALS.contains(reply.getReplyCode());
  }
}
