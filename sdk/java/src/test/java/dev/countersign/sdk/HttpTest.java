package dev.countersign.sdk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.sdk.ScriptedServer.Asked;
import dev.countersign.sdk.ScriptedServer.Scripted;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What goes over a real connection, and what a service that misbehaves comes to.
class HttpTest {

  private static final String KEY = "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d";
  private static final Scripted DONE =
      Scripted.of(
          200,
          "{\"actionId\": \""
              + KEY
              + "\", \"status\": \"succeeded\", \"sayToUser\": \"Done.\","
              + " \"execution\": {\"status\": \"succeeded\"}}");
  private static final Scripted YES =
      Scripted.of(
          200,
          "{\"actionId\": \""
              + KEY
              + "\", \"receipt\": \"r\", \"reportBy\": \"2026-11-26T12:15:00Z\"}");
  private static final long JUST_OVER_A_SECOND = Duration.ofMillis(1_001).toNanos();
  private static final JsonNode VECTORS = vectors();
  private static final String GRANT = VECTORS.path("cases").path(0).path("grant").asText();
  private static final JsonNode PARAMETERS = VECTORS.path("parameters");

  private static JsonNode vectors() {
    try {
      return EventJson.readTree(Files.readAllBytes(Path.of("../vectors/grants.json")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Scripted keys() {
    return Scripted.of(200, VECTORS.path("jwks").toString());
  }

  private static Redeemer redeemer(ScriptedServer server, Duration patience) {
    return new Redeemer(
        VECTORS.path("tool").asText(),
        HttpClient.newHttpClient(),
        server.url(),
        server.url().resolve("/.well-known/jwks.json"),
        null,
        InstantSource.fixed(Instant.parse(VECTORS.path("now").asText())),
        patience);
  }

  private static Redeemer redeemer(ScriptedServer server) {
    return redeemer(server, Duration.ofSeconds(30));
  }

  private static void assertRefused(String code, Redeemer redeemer, String grant, JsonNode with) {
    assertEquals(
        code, assertThrows(NotPermitted.class, () -> redeemer.verifyAndRedeem(grant, with)).code());
  }

  @Test
  void aProposalCarriesWhoCallsAndSurvivesABrokenConnection() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            ScriptedServer.NONE,
            new Scripted(503, "<html>", Map.of("retry-after", "0")),
            DONE,
            DONE)) {
      Countersign gate =
          new Countersign(URI.create(server.url() + "/"), Map.of("id", "bot"), "key-1");

      Answer answer =
          gate.guard(
              Proposal.of("a/b", Map.of("n", 1.0, "who", "Zürich"))
                  .key(KEY)
                  .intent(Map.of("reason", "due")));

      assertEquals(Status.SUCCEEDED, answer.status());
      for (Asked each : server.asked.subList(0, 3)) {
        assertEquals("POST /v1/actions", each.line());
        assertEquals("Bearer key-1", each.authorization());
        assertEquals(KEY, each.key());
        assertEquals("{\"n\":1,\"who\":\"Zürich\"}", each.body().path("parameters").toString());
        assertEquals("due", each.body().path("intent").path("reason").asText());
      }
    }
  }

  @Test
  void whatAnAgentSaysMayHoldNothingAndTheToolHasItsAnnotations() throws Exception {
    Map<String, Object> words = new HashMap<>();
    words.put("reason", null);
    Proposal proposal =
        Proposal.of("a/b", Map.of())
            .key(KEY)
            .intent(words)
            .annotations(Map.of("destructiveHint", true));
    words.put("reason", "changed");
    try (ScriptedServer server = new ScriptedServer(DONE, DONE)) {
      new Countersign(server.url(), Map.of("id", "bot"), null)
          .guard(proposal.deadline(Duration.ofHours(1)).timeout(Duration.ofSeconds(9)));
      JsonNode body = server.asked.get(0).body();
      assertEquals("{\"reason\":null}", body.path("intent").toString());
      assertEquals("{\"destructiveHint\":true}", body.path("annotations").toString());
      assertEquals("PT1H", body.path("deadline").asText());
    }
  }

  @Test
  void aKeyIsNotCarriedToWhereARedirectPoints() throws Exception {
    try (ScriptedServer elsewhere = new ScriptedServer();
        ScriptedServer server =
            new ScriptedServer(
                new Scripted(307, "", Map.of("location", elsewhere.url() + "/v1/actions")))) {
      Countersign gate = new Countersign(server.url(), Map.of("id", "bot"), "key-1");
      Answer answer = gate.guard(Proposal.of("a/b", Map.of()).timeout(Duration.ofMillis(100)));
      assertEquals(Status.AWAY, answer.status());
      assertEquals(List.of(), elsewhere.asked);
    }
  }

  @Test
  void anAnswerThatStopsInTheMiddleOrNeverEndsIsNone() throws Exception {
    try (ServerSocket stops = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + stops.getLocalPort();
      Thread server =
          Thread.ofVirtual()
              .start(() -> {
                try (Socket half = stops.accept()) {
                  half.getOutputStream()
                      .write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".getBytes(US_ASCII));
                  half.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      Door door =
          new Door(HttpClient.newHttpClient(), URI.create(url), null, Duration.ofMillis(500));
      assertThrows(HttpTimeoutException.class, () -> door.send("GET", "/", null, Map.of(), 0));
      server.join();
    }
    try (ScriptedServer server =
        new ScriptedServer(Scripted.of(200, "\"" + "x".repeat(9 * 1024 * 1024) + "\""))) {
      Door door = new Door(HttpClient.newHttpClient(), server.url(), null);
      assertThrows(IOException.class, () -> door.send("GET", "/", null, Map.of(), 0));
    }
  }

  @Test
  void aTokenThatIsNoneIsNotToldToAnybody() {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Door(HttpClient.newHttpClient(), URI.create("http://x"), "s3cret\n"));
    assertFalse(String.valueOf(thrown.getMessage()).contains("s3cret"));
  }

  @Test
  void aDecisionThatIsOnItsWayIsWaitedForAndKeysAreFetchedOnce() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(keys(), Scripted.problem(503, "decision-pending"), YES, YES)) {
      Redeemer redeemer = redeemer(server);
      Permit permit = redeemer.verifyAndRedeem(GRANT, PARAMETERS);
      assertEquals(PARAMETERS, permit.parameters());
      assertEquals(
          "Permit[actionId=" + KEY + ", reportBy=2026-11-26T12:15:00Z]", permit.toString());
      assertEquals(KEY, redeemer.verifyAndRedeem(GRANT, PARAMETERS).grant().actionId());
      assertEquals(GRANT, server.asked.get(1).body().path("grant").asText());
      assertEquals(4, server.asked.size());
    }
  }

  @Test
  void whoDoesNotHearTheYesDoesNotRunIt() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(keys(), ScriptedServer.NONE, Scripted.problem(409, "used-up"))) {
      assertRefused("used-up", redeemer(server), GRANT, PARAMETERS);
    }
    try (ScriptedServer server =
        new ScriptedServer(keys(), ScriptedServer.NONE, Scripted.of(200, "yes"))) {
      assertRefused("executor-away", redeemer(server, Duration.ofMillis(300)), GRANT, PARAMETERS);
    }
  }

  @Test
  void withoutKeysNothingIsPermitted() throws Exception {
    for (Scripted none :
        List.of(ScriptedServer.NONE, Scripted.of(503, ""), Scripted.of(200, "{\"keys\": 1}"))) {
      try (ScriptedServer server = new ScriptedServer(none)) {
        assertRefused("keys-away", redeemer(server, Duration.ofMillis(300)), GRANT, PARAMETERS);
      }
    }
  }

  @Test
  void keysThatAreAwayAreWaitedForAndTheApprovalIsNotThrownAway() throws Exception {
    try (ScriptedServer server = new ScriptedServer(Scripted.of(503, ""), keys(), YES)) {
      assertEquals(PARAMETERS, redeemer(server).verifyAndRedeem(GRANT, PARAMETERS).parameters());
      assertEquals(3, server.asked.size());
    }
  }

  @Test
  void anAddressOfKeysHasNoQuery() {
    for (String bad : List.of("http://localhost:1/jwks.json?set=2", "http://localhost:1/#keys")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Redeemer("a/b", URI.create("http://localhost:1"), URI.create(bad), null));
    }
  }

  @Test
  void aStrangersKeyHoldsUpNobodyWhoseKeyIsKnown() throws Exception {
    String known = VECTORS.path("jwks").path("keys").path(0).path("kid").asText();
    AtomicLong now = new AtomicLong();
    try (ScriptedServer server =
            new ScriptedServer(Scripted.of(503, ""), keys(), ScriptedServer.HANGS);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      JwksKeys keys =
          new JwksKeys(
              HttpClient.newHttpClient(),
              server.url().resolve("/jwks.json"),
              InstantSource.fixed(Instant.parse(VECTORS.path("now").asText())),
              now::get);
      for (int i = 0; i < 2; i++) {
        assertThrows(NotPermitted.class, () -> keys.find(known));
        assertEquals(1, server.asked.size(), "a failure is not asked for at once again");
      }
      now.addAndGet(JUST_OVER_A_SECOND);
      assertNotNull(keys.find(known));
      assertNull(keys.find("stranger"));
      now.addAndGet(JUST_OVER_A_SECOND);
      List<Future<@Nullable PublicKey>> strangers =
          List.of(
              threads.submit(() -> keys.find("stranger")),
              threads.submit(() -> keys.find("stranger")));
      while (server.asked.size() < 3) {
        Thread.onSpinWait();
      }
      try {
        assertNotNull(threads.submit(() -> keys.find(known)).get(5, TimeUnit.SECONDS));
      } finally {
        server.release();
      }
      for (Future<?> stranger : strangers) {
        Throwable no = assertThrows(ExecutionException.class, stranger::get).getCause();
        assertEquals("keys-away", assertInstanceOf(NotPermitted.class, no).code());
      }
      assertEquals(3, server.asked.size(), "one for all of them");
    }
  }

  @Test
  void howItEndedIsReportedAndDoubtIsNotCalledAFailure() throws Exception {
    assertReported("succeeded", null);
    assertReported("unknown", new IllegalStateException("half way"));
    assertReported("failed", new NoEffect("not begun"));
  }

  private static void assertReported(String status, @Nullable Exception thrown) throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            keys(), YES, Scripted.problem(503, "unavailable"), Scripted.of(200, "{}"))) {
      Permit permit = redeemer(server).verifyAndRedeem(GRANT, PARAMETERS);
      if (thrown == null) {
        assertEquals("deployed", permit.run(it -> "deployed"));
      } else {
        assertEquals(
            thrown,
            assertThrows(
                thrown.getClass(),
                () ->
                    permit.run(it -> {
                      throw thrown;
                    })));
      }
      Asked report = server.asked.get(3);
      assertEquals("POST /v1/executions/" + KEY + "/outcome", report.line());
      assertEquals(status, report.body().path("status").asText());
      assertEquals("r", report.body().path("receipt").asText());
    }
  }

  @Test
  void whatCouldNotBeReportedIsTold() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(keys(), YES, Scripted.problem(409, "answered"))) {
      Permit permit = redeemer(server).verifyAndRedeem(GRANT, PARAMETERS);
      NotReported told = assertThrows(NotReported.class, () -> permit.run(it -> 1));
      assertEquals("answered", told.code());
      assertEquals(1, told.result());
      assertEquals(Permit.Outcome.SUCCEEDED, told.status());
      assertEquals(permit, told.permit());
    }
    assertBothTold(new IllegalStateException("half way"), Permit.Outcome.UNKNOWN);
    assertBothTold(new NoEffect("not begun"), Permit.Outcome.FAILED);
  }

  private static void assertBothTold(Exception thrown, Permit.Outcome status) throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(keys(), YES, Scripted.problem(409, "answered"))) {
      Permit permit = redeemer(server).verifyAndRedeem(GRANT, PARAMETERS);
      Exception caught =
          assertThrows(
              Exception.class,
              () ->
                  permit.run(it -> {
                    throw thrown;
                  }));
      assertEquals(thrown, caught);
      NotReported told = assertInstanceOf(NotReported.class, caught.getSuppressed()[0]);
      assertEquals("answered", told.code());
      assertEquals(status, told.status());
      assertEquals(permit, told.permit());
    }
  }

  @Test
  void whereAGrantWasUsedHowThatEndedIsAskedForBeforeAnythingIsTold() throws Exception {
    String state = "{\"actionId\": \"" + KEY + "\", \"sayToUser\": \"So.\", \"status\": ";
    Scripted approved =
        Scripted.of(
            202,
            state
                + "\"approved\", \"decision\": {\"outcome\": \"approved\"}, \"grant\": \""
                + GRANT
                + "\"}");
    assertTold(AlreadyDone.class, approved, DONE);
    assertTold(NotApproved.class, approved, Scripted.of(200, state + "\"failed\"}"));
    assertTold(NotPermitted.class, approved, Scripted.of(200, state + "\"waiting\"}"));
  }

  private static void assertTold(
      Class<? extends Exception> expected, Scripted approved, Scripted then) throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(approved, keys(), Scripted.problem(409, "used-up"), then)) {
      Countersign gate = new Countersign(server.url(), Map.of("id", "bot"), null);
      Proposal proposal =
          Proposal.of(VECTORS.path("tool").asText(), PARAMETERS).key(KEY).timeout(Duration.ZERO);
      assertThrows(
          expected,
          () ->
              gate.run(
                  proposal,
                  redeemer(server),
                  permit -> {
                    throw new AssertionError("it ran before");
                  }));
    }
  }
}
