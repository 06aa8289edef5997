package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The operator's side, against a server that says what the ticket service says.
class EnrollingTest {

  private static final String WAITING =
      """
      {"approver": "erin", "name": "Erin Novak", "confirmed": 0, "invited": 0, "waiting": [
        {"invitation": "one", "label": "Phone\\u001b[2J", "fingerprint": "1111 2222 3333 4444",
         "credentialId": "c", "invitedBy": "operator"}]}
      """;

  private final List<String> asked = new ArrayList<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private String waiting = WAITING;
  private HttpServer server;

  @BeforeEach
  void start() {
    server = LocalHttp.start(0, this::answer);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
    if (!"Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      LocalHttp.answer(exchange, 401, "application/problem+json", "{\"detail\": \"not you\"}");
    } else if (exchange.getRequestURI().getPath().endsWith("/invitations")) {
      LocalHttp.answer(
          exchange,
          201,
          "application/json",
          """
          {"approver": "erin", "name": "Erin Novak", "link": "http://localhost/enrol/one",
           "code": "ACDE-FGHJ"}
          """);
    } else if (exchange.getRequestURI().getPath().endsWith("/confirm")) {
      LocalHttp.answer(exchange, 204, "application/json", "");
    } else {
      LocalHttp.answer(exchange, 200, "application/json", waiting);
    }
  }

  private Enrolling enrolling(String secret, @Nullable String typed) {
    return new Enrolling(
        new JsonDoor(
            "the ticket service",
            () -> URI.create("http://localhost:" + server.getAddress().getPort()),
            secret),
        new PrintStream(printed, true, StandardCharsets.UTF_8),
        typed == null ? null : new BufferedReader(new StringReader(typed)));
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anInvitationPrintsLinkAndCode() throws Exception {
    assertEquals(0, enrolling("secret", null).invite("erin@acme.example"));
    assertTrue(printed().contains("http://localhost/enrol/one"), printed());
    assertTrue(printed().contains("ACDE-FGHJ"), printed());
    assertEquals(
        List.of("POST /v1/operator/invitations {\"person\":\"erin@acme.example\"}"), asked);
  }

  @Test
  void aPasskeyIsConfirmedAfterAYesAndByNothingElse() throws Exception {
    for (String no : List.of("n", "", "no", "yep")) {
      assertEquals(1, enrolling("secret", no + "\n").confirm("erin"));
    }
    assertTrue(asked.stream().noneMatch(each -> each.startsWith("POST")), asked.toString());
    assertEquals(0, enrolling("secret", "y\n").confirm("erin"));
    assertTrue(printed().contains("1111 2222 3333 4444"), printed());
    assertTrue(!printed().contains("\u001b"), "what a person called a device moves no cursor");
    assertEquals(
        "POST /v1/operator/passkeys/one/confirm {\"credentialId\":\"c\"}", asked.getLast());
  }

  @Test
  void aScriptConfirmsWithoutBeingAsked() throws Exception {
    assertEquals(0, enrolling("secret", null).confirm("erin"));
    assertTrue(asked.getLast().startsWith("POST"), asked.toString());
  }

  @Test
  void whatIsNotThereSaysWhatToDo() {
    waiting =
        """
        {"approver": "erin", "name": "Erin Novak", "confirmed": 0, "invited": 0, "waiting": []}
        """;
    String said =
        assertThrows(StartRefused.class, () -> enrolling("secret", null).confirm("erin"))
            .getMessage();
    assertTrue(String.valueOf(said).contains("./countersign invite erin"), said);
  }

  @Test
  void aRefusalIsSaidAsTheServiceSaysIt() {
    assertEquals(
        "not you",
        assertThrows(StartRefused.class, () -> enrolling("wrong", null).invite("erin"))
            .getMessage());
  }
}
