package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailSinkTest {

  private static final String ACTION = "018f0000-0000-7000-8000-000000000001";

  @TempDir static Path folder;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static HttpServer server;

  @BeforeAll
  static void start() throws Exception {
    int smtp = FreePorts.one();
    server = MailSink.start(smtp, 0, folder.resolve("messages.jsonl"));
    var properties = new Properties();
    properties.put("mail.smtp.host", "127.0.0.1");
    properties.put("mail.smtp.port", Integer.toString(smtp));
    var mail = new MimeMessage(Session.getInstance(properties));
    mail.setFrom(new InternetAddress("countersign@localhost", "Countersign"));
    mail.setRecipient(Message.RecipientType.TO, new InternetAddress("alice@acme.example", "Alice"));
    mail.setSubject("Überweisung <script>alert(1)</script>");
    mail.setHeader("X-Countersign-Action", ACTION);
    var text = new MimeBodyPart();
    text.setText("Grüße\nhttp://localhost:8082/tickets/1", "utf-8");
    var html = new MimeBodyPart();
    html.setContent("<p>Grüße</p><script>alert(2)</script>", "text/html; charset=utf-8");
    mail.setContent(new MimeMultipart("alternative", text, html));
    Transport.send(mail);
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @Test
  void aProgramReadsWhatWasSent() throws Exception {
    JsonNode mails = JsonLines.JSON.readTree(get("/api/messages").body());
    assertEquals(1, mails.size());
    JsonNode mail = mails.get(0);
    assertEquals("countersign@localhost", mail.get("from").asText());
    assertEquals("alice@acme.example", mail.get("to").asText());
    assertEquals("Überweisung <script>alert(1)</script>", mail.get("subject").asText());
    assertEquals(ACTION, mail.get("headers").get("X-Countersign-Action").asText());
    assertTrue(mail.get("text").asText().contains("Grüße"));
    assertTrue(mail.get("html").asText().contains("<p>Grüße</p>"));
    assertFalse(mail.get("id").asText().isEmpty());
    assertFalse(mail.get("date").asText().isEmpty());
    assertEquals(1, JsonLines.JSON.readTree(get("/api/messages?action=" + ACTION).body()).size());
    assertEquals(
        0, JsonLines.JSON.readTree(get("/api/messages?to=bob@acme.example").body()).size());
  }

  @Test
  void aMailCannotRunScriptsInThePage() throws Exception {
    String list = get("/").body();
    assertTrue(list.contains("&lt;script&gt;alert(1)"), list);
    assertFalse(list.contains("<script>"), list);
    String page = get("/messages/1").body();
    assertTrue(page.contains("<iframe sandbox="), page);
    assertFalse(page.contains("<script>"), page);
    HttpResponse<String> html = get("/messages/1/html");
    String policy = html.headers().firstValue("Content-Security-Policy").orElse("");
    assertTrue(policy.startsWith("sandbox allow-popups"), policy);
    assertFalse(policy.contains("allow-scripts"), policy);
    assertTrue(policy.contains("default-src 'none'"), policy);
    assertEquals(404, get("/messages/2").statusCode());
  }

  @Test
  void aPageFromElsewhereCannotReadTheMails() throws Exception {
    try (var socket = new Socket("localhost", server.getAddress().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /api/messages HTTP/1.0\r\nHost: evil.example\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.contains(" 403 "), answer);
      assertFalse(answer.contains("alice"), answer);
    }
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
