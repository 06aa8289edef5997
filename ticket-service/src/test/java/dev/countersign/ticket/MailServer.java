package dev.countersign.ticket;

import com.icegreen.greenmail.store.FolderException;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.countersign.launcher.FreePorts;
import dev.countersign.testservers.SmtpLine;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A real SMTP server behind a {@link SmtpLine}, the operator's files of the tests, and the port
/// that the pages' links name: a browser's passkeys are bound to the origin that it sees.
public final class MailServer implements QuarkusTestResourceLifecycleManager {

  /// What the operator proves themself with.
  public static final String OPERATOR_SECRET = "the operator's secret of the tests";

  /// How many mails can be under way at once.
  public static final int PLACES = 4;

  private static final Pattern CODE = Pattern.compile("\\b[0-9]{8}\\b");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  // Quarkus makes the instance, in a class loader of its own that the tests share.
  private static final GreenMail SERVER = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));
  private static @Nullable SmtpLine line;

  /// After the servers, whose port is any.
  @Override
  public int order() {
    return 1;
  }

  @Override
  public Map<String, String> start() {
    SERVER.start();
    SmtpLine smtp;
    try {
      smtp = new SmtpLine(SERVER.getSmtp().getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    line = smtp;
    String port = Integer.toString(FreePorts.one());
    return Map.ofEntries(
        Map.entry("quarkus.http.test-port", port),
        Map.entry("countersign.port.ticket", port),
        Map.entry("countersign.smtp.host", "127.0.0.1"),
        Map.entry("countersign.smtp.port", Integer.toString(smtp.port())),
        Map.entry("countersign.smtp.silence", "PT15S"),
        Map.entry("quarkus.mailer.max-pool-size", Integer.toString(PLACES)),
        Map.entry(
            "countersign.config", Path.of("src/test/resources/config").toAbsolutePath().toString()),
        Map.entry("countersign.operator.secret", OPERATOR_SECRET),
        // Nobody in a test reads; PauseTest has it as it is.
        Map.entry("countersign.attention.pause", "PT0S"),
        // Beyond what TicketFlowTest gives it: a task that is woken and does not come is late.
        Map.entry("countersign.expiry.look", "PT30S"),
        Map.entry("countersign.sign-in.codes-per-approver", "1000"),
        Map.entry("countersign.sign-in.codes-per-remote", "1000"));
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(new Mails(), new TestInjector.MatchesType(Mails.class));
  }

  @Override
  public void stop() {
    try {
      line().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SERVER.stop();
  }

  private static SmtpLine line() {
    return Objects.requireNonNull(line);
  }

  /// What arrived, and the way it comes.
  public static final class Mails {

    /// What lies between the service and the server.
    public SmtpLine line() {
      return MailServer.line();
    }

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
