package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.sdk.Door.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The side of one tool that is run here: the operator's `connectors.yaml` says `type: delegated`.
/// It may be shared by threads.
///
/// ```java
/// var deploys = new Redeemer("releases/deploy", executor, keySet, null);
/// Permit permit = deploys.verifyAndRedeem(grant, parameters);
/// // … run it with permit.parameters(), then
/// permit.report(Permit.Outcome.SUCCEEDED, "deployed", null);
/// ```
public final class Redeemer {

  private static final Pattern TOOL = Pattern.compile("[^/]+/.+");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Duration SELDOM = Duration.ofSeconds(2);
  private static final Map<String, String> JSON = Map.of("content-type", "application/json");

  private final String tool;
  private final Door executor;
  private final GrantVerifier verifier;
  private final InstantSource clock;
  private final Duration patience;

  /// @param executor `http://localhost:8084` on one machine
  /// @param keys the ticket service's key set, `http://localhost:8082/.well-known/jwks.json`
  /// @param token for the executor, where it asks for one
  public Redeemer(String tool, URI executor, URI keys, @Nullable String token) {
    this(
        tool,
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
        executor,
        keys,
        token);
  }

  /// @param http with a client certificate, for one; it must not follow redirects
  public Redeemer(String tool, HttpClient http, URI executor, URI keys, @Nullable String token) {
    this(tool, http, executor, keys, token, InstantSource.system(), PATIENCE);
  }

  Redeemer(
      String tool,
      HttpClient http,
      URI executor,
      URI keys,
      @Nullable String token,
      InstantSource clock,
      Duration patience) {
    if (!TOOL.matcher(tool).matches()) {
      throw new IllegalArgumentException("a tool is named toolset/name, like releases/deploy");
    }
    this.tool = tool;
    this.executor = new Door(http, executor, token);
    this.verifier = new GrantVerifier(new JwksKeys(http, keys, clock), GrantVerifier.ISSUER);
    this.clock = clock;
    this.patience = patience;
  }

  public String tool() {
    return tool;
  }

  /// The grant, if it permits this tool with these parameters now. It proves the permission, and
  /// not that nobody else uses it: nothing may be run on it alone.
  public Grant verify(String grant, Object parameters) throws NotPermitted, InterruptedException {
    return verifier.verify(grant, tool, Canonical.copy(parameters), clock.instant());
  }

  /// Uses the grant up for exactly these parameters: of all who ask, one gets a permit. It is tried
  /// for half a minute to reach the executor, and the key set for a third of it.
  ///
  /// @throws NotPermitted for everybody else, and where the answer could not be heard: the call
  ///   must then not be run, as the answer may have been yes and it may have been to somebody else
  public Permit verifyAndRedeem(String grant, Object parameters)
      throws NotPermitted, InterruptedException {
    JsonNode exact = Canonical.copy(parameters);
    long end = end();
    // A stranger's grant waits for its key no less: not for all of the time, nor in the way of
    // others.
    Grant verified = verified(grant, exact, System.nanoTime() + patience.dividedBy(3).toNanos());
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("grant", grant);
    body.set("parameters", exact);
    try {
      // An answer that is none may have used it up: whoever asks again learns that.
      Reply reply =
          post("/v1/grants/redeem", body, it -> permit(it, verified, exact).isPresent(), end);
      return permit(reply, verified, exact)
          .orElseThrow(() -> new NotPermitted(reply.code(), reply.detail()));
    } catch (IOException e) {
      throw new NotPermitted(
          "executor-away", "it did not answer, so the call must not be run: " + e);
    }
  }

  /// Asks for the keys until they are there: no approval is thrown away for want of them.
  private Grant verified(String grant, JsonNode exact, long end)
      throws NotPermitted, InterruptedException {
    Duration pause = SOON;
    while (true) {
      try {
        return verifier.verify(grant, tool, exact, clock.instant());
      } catch (NotPermitted e) {
        if (!e.code().equals("keys-away") || isLate(pause, end)) {
          throw e;
        }
      }
      Countersign.pause(pause);
      pause = longer(pause);
    }
  }

  private Optional<Permit> permit(Reply reply, Grant verified, JsonNode exact) {
    JsonNode said = reply.json();
    String receipt = said.path("receipt").textValue();
    if (reply.status() != 200
        || receipt == null
        || !said.path("actionId").asText().equals(verified.actionId())) {
      return Optional.empty();
    }
    try {
      Instant reportBy = Instant.parse(said.path("reportBy").asText());
      return Optional.of(new Permit(this, verified, exact, receipt, reportBy));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  void report(
      Permit permit, String receipt, Permit.Outcome outcome, String code, @Nullable String summary)
      throws NotReported, InterruptedException {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("receipt", receipt)
            .put("status", outcome.toString())
            .put("code", code);
    if (summary != null) {
      body.put("summary", summary);
    }
    try {
      String path = "/v1/executions/" + permit.grant().actionId() + "/outcome";
      Reply reply = post(path, body, it -> it.status() == 200, end());
      if (reply.status() != 200) {
        throw new NotReported(reply.code(), reply.detail(), permit, outcome);
      }
    } catch (IOException e) {
      throw new NotReported("executor-away", "the executor does not answer: " + e, permit, outcome);
    }
  }

  /// Asks until something settles it. In the end that may be a 503, which says why not.
  private Reply post(String path, JsonNode body, Predicate<Reply> settles, long end)
      throws IOException, InterruptedException {
    byte[] bytes = Canonical.bytes(body);
    Duration pause = SOON;
    while (true) {
      boolean late = isLate(pause, end);
      try {
        Reply reply = executor.send("POST", path, bytes, JSON, 0);
        if (settles.test(reply) || reply.isNo() || (late && reply.status() == 503)) {
          return reply;
        }
        if (late) {
          throw new IOException("HTTP " + reply.status());
        }
      } catch (IOException e) {
        if (late) {
          throw e;
        }
      }
      Countersign.pause(pause);
      pause = longer(pause);
    }
  }

  private long end() {
    return System.nanoTime() + patience.toNanos();
  }

  private static boolean isLate(Duration pause, long end) {
    return System.nanoTime() + pause.toNanos() - end > 0;
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(SELDOM) > 0 ? SELDOM : twice;
  }
}
