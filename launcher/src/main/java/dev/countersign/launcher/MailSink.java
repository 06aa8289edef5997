package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.StreamProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.eclipse.angus.mail.util.MailStreamProvider;

/// Takes every mail for every address over SMTP, keeps it, and shows it to a person at `/` and to a
/// program at `GET /api/messages` (`?to=<address>`, `?action=<actionId>` and `?after=<id>` choose,
/// `?last=<n>` gives the newest).
public final class MailSink {

  /// The frame may show a mail and open its links elsewhere, and nothing more.
  private static final String FRAME = "allow-popups allow-popups-to-escape-sandbox";

  private static final String PAGE_POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";
  private static final String MAIL_POLICY =
      "sandbox "
          + FRAME
          + "; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'";

  private static final int LISTED = 200;

  static {
    // Named here it is not looked for in every jar with every part of every mail.
    System.setProperty(StreamProvider.class.getName(), MailStreamProvider.class.getName());
  }

  private final JsonLines messages;

  private MailSink(JsonLines messages) {
    this.messages = messages;
  }

  /// The sink's process: SMTP port, HTTP port, file of the messages.
  public static void main(String[] arguments) throws InterruptedException {
    start(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Path.of(arguments[2]));
    new CountDownLatch(1).await();
  }

  static HttpServer start(int smtp, int http, Path messages) {
    var sink = new MailSink(new JsonLines(messages));
    sink.takeMail(smtp);
    return LocalHttp.start(http, sink::handle);
  }

  private void takeMail(int port) {
    var smtp = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    smtp.getUserManager()
        .setMessageDeliveryHandler(
            (message, recipient) -> new Recipient(recipient.getEmail(), this::keep));
    smtp.start();
  }

  private void keep(MimeMessage message) {
    messages.append(number -> {
      try {
        return Mail.json(number, message);
      } catch (MessagingException | IOException e) {
        throw new IllegalArgumentException("a mail that cannot be read: " + e.getMessage(), e);
      }
    });
  }

  private void handle(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("GET")) {
      LocalHttp.answer(exchange, 405, "text/plain; charset=utf-8", "mails can only be read here\n");
      return;
    }
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/ready")) {
      LocalHttp.answer(exchange, 200, "text/plain; charset=utf-8", "ready\n");
    } else if (path.equals("/")) {
      page(exchange, "Mails", list());
    } else if (path.equals("/api/messages")) {
      listAsJson(exchange);
    } else if (path.startsWith("/api/messages/")) {
      showAsJson(exchange, path.substring("/api/messages/".length()));
    } else if (path.matches("/messages/\\d+/html")) {
      showHtml(exchange, path.split("/", -1)[2]);
    } else if (path.startsWith("/messages/")) {
      show(exchange, path.substring("/messages/".length()));
    } else {
      notFound(exchange);
    }
  }

  private void listAsJson(HttpExchange exchange) throws IOException {
    String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
    Predicate<JsonNode> wanted = _ -> true;
    long after = 0;
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith("to=")) {
        String address = pair.substring("to=".length());
        wanted = wanted.and(mail -> mail.path("to").asText().contains(address));
      } else if (pair.startsWith("action=")) {
        String action = pair.substring("action=".length());
        wanted =
            wanted.and(
                mail -> action.equals(mail.path("headers").path("X-Countersign-Action").asText()));
      } else if (pair.matches("after=\\d{1,9}")) {
        after = Long.parseLong(pair.substring("after=".length()));
      } else if (pair.matches("last=\\d{1,9}")) {
        after = messages.known() - Long.parseLong(pair.substring("last=".length()));
      }
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      messages.writeArray(out, Math.max(0, after), wanted);
    }
  }

  private void showAsJson(HttpExchange exchange, String id) throws IOException {
    Optional<JsonNode> mail = find(id);
    if (mail.isPresent()) {
      LocalHttp.answer(exchange, 200, "application/json", mail.get() + "\n");
    } else {
      notFound(exchange);
    }
  }

  private String list() throws IOException {
    long known = messages.known();
    List<String> rows = new ArrayList<>();
    for (JsonNode mail : messages.last(LISTED).reversed()) {
      rows.add(
          "<tr><td>%s</td><td>%s</td><td><a href=\"/messages/%s\">%s</a></td></tr>"
              .formatted(
                  escape(mail.path("date").asText()),
                  escape(mail.path("to").asText()),
                  escape(mail.path("id").asText()),
                  escape(mail.path("subject").asText("(no subject)"))));
    }
    String caption =
        known > LISTED ? "the newest %d of %d".formatted(LISTED, known) : known + " in all";
    return "<h1>Mails</h1><p>Every mail this system sent; none left this machine: "
        + caption
        + ".</p><table><tr><th>Date</th><th>To</th><th>Subject</th></tr>"
        + String.join("\n", rows)
        + "</table>";
  }

  private void show(HttpExchange exchange, String id) throws IOException {
    Optional<JsonNode> found = find(id);
    if (found.isEmpty()) {
      notFound(exchange);
      return;
    }
    JsonNode mail = found.get();
    String html =
        mail.path("html").isNull()
            ? ""
            : "<h2>HTML</h2><iframe sandbox=\"%s\" src=\"/messages/%s/html\" title=\"the mail\"></iframe>"
                .formatted(FRAME, escape(id));
    page(
        exchange,
        mail.path("subject").asText(""),
        "<p><a href=\"/\">All mails</a></p><h1>%s</h1><p>%s<br>from %s<br>to %s</p>%s<h2>Text</h2><pre>%s</pre>"
            .formatted(
                escape(mail.path("subject").asText("")),
                escape(mail.path("date").asText()),
                escape(mail.path("from").asText()),
                escape(mail.path("to").asText()),
                html,
                escape(mail.path("text").asText(""))));
  }

  private void showHtml(HttpExchange exchange, String id) throws IOException {
    Optional<JsonNode> mail = find(id);
    if (mail.isEmpty()) {
      notFound(exchange);
      return;
    }
    exchange.getResponseHeaders().set("Content-Security-Policy", MAIL_POLICY);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    // Links open beside the frame, which could not show what they lead to.
    LocalHttp.answer(
        exchange,
        200,
        "text/html; charset=utf-8",
        "<base target=\"_blank\">" + mail.get().path("html").asText(""));
  }

  private Optional<JsonNode> find(String id) throws IOException {
    return id.matches("\\d{1,9}") ? messages.find(Long.parseLong(id)) : Optional.empty();
  }

  private static void page(HttpExchange exchange, String title, String body) throws IOException {
    exchange.getResponseHeaders().set("Content-Security-Policy", PAGE_POLICY);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    LocalHttp.answer(
        exchange,
        200,
        "text/html; charset=utf-8",
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>%s</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>
          body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
          table { border-collapse: collapse; width: 100%%; overflow-wrap: anywhere; }
          th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ccc; vertical-align: top; }
          iframe { width: 100%%; height: 32rem; border: 1px solid #ccc; }
          pre { white-space: pre-wrap; border: 1px solid #ccc; padding: 1rem; }
        </style></head><body>
        %s
        </body></html>
        """
            .formatted(escape(title), body));
  }

  private static void notFound(HttpExchange exchange) throws IOException {
    LocalHttp.answer(exchange, 404, "text/plain; charset=utf-8", "no such mail; see /\n");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
