package dev.countersign.notifier;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.countersign.testservers.SmtpLine;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A real mail server behind a {@link SmtpLine}, and an `approvers.yaml` whose people have their
/// mailboxes there: all but `erin`, who has none. `nora` sleeps.
public final class MailServer implements QuarkusTestResourceLifecycleManager {

  private static @Nullable GreenMail server;
  private static @Nullable SmtpLine line;

  @Override
  public Map<String, String> start() {
    GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    server = mail;
    try {
      SmtpLine proxy = new SmtpLine(mail.getSmtp().getPort());
      line = proxy;
      Path config = Files.createTempDirectory("notifier-config-");
      LocalTime now = LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES);
      Files.writeString(
          config.resolve("approvers.yaml"),
          """
          approvers:
            - {id: olga, addresses: {mail: olga@acme.example}}
            - {id: nora, addresses: {mail: nora@acme.example}, quietHours: {from: "%s", until: "%s"}}
            - {id: alice, addresses: {mail: alice@acme.example}, zone: Europe/Berlin}
            - {id: bob, addresses: {mail: bob@acme.example}}
            - {id: carol, addresses: {mail: carol@acme.example}}
            - {id: mallory, addresses: {mail: mallory@acme.example}}
            - {id: erin, addresses: {slack: U012ERIN}}
          groups:
            finance: [alice, bob, carol, mallory, nora]
          """
              .formatted(now.minusHours(2), now.plusHours(2)));
      return Map.of(
          "countersign.smtp.host", "127.0.0.1",
          "countersign.smtp.port", Integer.toString(proxy.port()),
          "countersign.smtp.silence", "PT5S",
          "countersign.smtp.timeout", "PT15S",
          "countersign.smtp.lease", "PT20S",
          "countersign.config", config.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try {
      line().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server().stop();
  }

  static SmtpLine line() {
    return Objects.requireNonNull(line);
  }

  static GreenMail server() {
    return Objects.requireNonNull(server);
  }

  /// The mails about this action to this address, in the order of their arrival.
  static List<MimeMessage> mails(String actionId, String address) throws MessagingException {
    return about(actionId, server().getReceivedMessagesForDomain(address));
  }

  /// The mails about this action, whoever got them.
  static List<MimeMessage> mails(String actionId) throws MessagingException {
    return about(actionId, server().getReceivedMessages());
  }

  private static List<MimeMessage> about(String actionId, MimeMessage... received)
      throws MessagingException {
    List<MimeMessage> found = new ArrayList<>();
    for (MimeMessage mail : received) {
      if (actionId.equals(mail.getHeader("X-Countersign-Action", null))) {
        found.add(mail);
      }
    }
    return found;
  }
}
