package dev.countersign.ticket;

import com.icegreen.greenmail.store.FolderException;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.countersign.launcher.FreePorts;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A real SMTP server, the operator's files of the tests, and the port that the pages' links name:
/// a browser's passkeys are bound to the origin that it sees.
public final class MailServer implements QuarkusTestResourceLifecycleManager {

  /// What the operator proves themself with.
  public static final String OPERATOR_SECRET = "the operator's secret of the tests";

  private static final Pattern CODE = Pattern.compile("\\b[0-9]{8}\\b");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  // Quarkus makes the instance, in a class loader of its own that the tests share.
  private static final GreenMail SERVER = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));

  /// After the servers, whose port is any.
  @Override
  public int order() {
    return 1;
  }

  @Override
  public Map<String, String> start() {
    SERVER.start();
    String port = Integer.toString(FreePorts.one());
    return Map.of(
        "quarkus.http.test-port",
        port,
        "countersign.port.ticket",
        port,
        "countersign.smtp.host",
        "127.0.0.1",
        "countersign.smtp.port",
        Integer.toString(SERVER.getSmtp().getPort()),
        "countersign.config",
        Path.of("src/test/resources/config").toAbsolutePath().toString(),
        "countersign.operator.secret",
        OPERATOR_SECRET,
        // Nobody in a test reads; PauseTest has it as it is.
        "countersign.attention.pause",
        "PT0S",
        // Beyond what TicketFlowTest gives it: a task that is woken and does not come is late.
        "countersign.expiry.look",
        "PT30S",
        "countersign.sign-in.codes-per-approver",
        "1000",
        "countersign.sign-in.codes-per-remote",
        "1000");
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(new Mails(), new TestInjector.MatchesType(Mails.class));
  }

  @Override
  public void stop() {
    SERVER.stop();
  }

  /// What arrived.
  public static final class Mails {

    public void clear() {
      try {
        SERVER.purgeEmailFromAllMailboxes();
      } catch (FolderException e) {
        throw new AssertionError(e);
      }
    }

    public int count() {
      return SERVER.getReceivedMessages().length;
    }

    /// The text of the next mail to this address; the mailbox is empty after it.
    public String text(String address) {
      int seen = 0;
      while (SERVER.waitForIncomingEmail(PATIENCE.toMillis(), seen + 1)) {
        MimeMessage[] received = SERVER.getReceivedMessages();
        try {
          for (MimeMessage each : received) {
            if (each.getRecipients(Message.RecipientType.TO)[0].toString().equals(address)) {
              String text = each.getContent().toString();
              clear();
              return text;
            }
          }
        } catch (MessagingException | IOException e) {
          throw new AssertionError(e);
        }
        seen = received.length;
      }
      throw new AssertionError("no mail for " + address);
    }

    /// The code of the next mail to this address; the mailbox is empty after it.
    public String code(String address) {
      Matcher code = CODE.matcher(text(address));
      if (code.find()) {
        return code.group();
      }
      throw new AssertionError("no code for " + address);
    }
  }
}
