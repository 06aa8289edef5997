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
    this(tool, HttpClient.newHttpClient(), executor, keys, token);
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

  /// The grant, if it permits this tool with these parameters now. It proves the permission, and not
  /// that nobody else uses it: nothing may be run on it alone.
  public Grant verify(String grant, Object parameters) throws NotPermitted, InterruptedException {
    return verifier.verify(grant, tool, Canonical.copy(parameters), clock.instant());
  }

  /// Uses the grant up for exactly these parameters: of all who ask, one gets a permit.
  ///
  /// @throws NotPermitted for everybody else, and where the answer could not be heard: the call must
  ///   then not be run, as the answer may have been yes and it may have been to somebody else
  public Permit verifyAndRedeem(String grant, Object parameters)
      throws NotPermitted, InterruptedException {
    JsonNode exact = Canonical.copy(parameters);
    long end = System.nanoTime() + patience.toNanos();
    Grant verified = verifier.verify(grant, tool, exact, clock.instant());
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("grant", grant);
    body.set("parameters", exact);
    byte[] bytes = Canonical.bytes(body);
    Duration pause = SOON;
    while (true) {
      Optional<Reply> reply = post("/v1/grants/redeem", bytes);
      if (reply.isPresent()) {
        Permit permit = permit(reply.get(), verified, exact);
        if (permit != null) {
          return permit;
        }
        // An answer that is none may have used it up: whoever asks again learns that.
        NotPermitted.unless(!reply.get().isNo(), reply.get().code(), reply.get().detail());
      }
      if (System.nanoTime() + pause.toNanos() - end > 0) {
        if (reply.isPresent() && reply.get().status() == 503) {
          throw new NotPermitted(reply.get().code(), reply.get().detail());
        }
        throw new NotPermitted(
            "executor-away", "it did not answer, so the call must not be run");
      }
      Countersign.pause(pause);
      pause = longer(pause);
    }
  }

  private @Nullable Permit permit(Reply reply, Grant verified, JsonNode exact) {
    JsonNode said = reply.json();
    String receipt = said.path("receipt").textValue();
    if (reply.status() != 200
        || receipt == null
        || !said.path("actionId").asText().equals(verified.actionId())) {
      return null;
    }
    try {
      Instant reportBy = Instant.parse(said.path("reportBy").asText());
      return new Permit(this, verified, exact, receipt, reportBy);
    } catch (DateTimeException e) {
      return null;
    }
  }

  void report(
      String actionId,
      String receipt,
      Permit.Outcome outcome,
      String code,
      @Nullable String summary)
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
    byte[] bytes = Canonical.bytes(body);
    long end = System.nanoTime() + patience.toNanos();
    Duration pause = SOON;
    while (true) {
      Optional<Reply> reply = post("/v1/executions/" + actionId + "/outcome", bytes);
      if (reply.isPresent() && reply.get().status() == 200) {
        return;
      }
      if (reply.isPresent() && reply.get().isNo()) {
        throw new NotReported(reply.get().code(), reply.get().detail());
      }
      if (System.nanoTime() + pause.toNanos() - end > 0) {
        throw new NotReported("executor-away", "the executor does not answer");
      }
      Countersign.pause(pause);
      pause = longer(pause);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(SELDOM) > 0 ? SELDOM : twice;
  }

  /// Empty where nothing came back: whether the request arrived is not known.
  private Optional<Reply> post(String path, byte[] body) throws InterruptedException {
    try {
      return Optional.of(executor.send("POST", path, body, JSON, 0));
    } catch (IOException e) {
      // Asked again; who never hears an answer does not run it.
      return Optional.empty();
    }
  }
}
