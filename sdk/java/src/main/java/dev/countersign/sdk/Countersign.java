package dev.countersign.sdk;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An agent's side of the gate. It may be shared by threads, and blocks the one that calls.
///
/// ```java
/// var gate = new Countersign(URI.create("http://localhost:8080"), Map.of("id", "billing-bot"), null);
/// Answer answer = gate.guard(Proposal.of("payments/wire_transfer", transfer).key("invoice-4711"));
/// answer.requireSucceeded();
/// ```
public final class Countersign {

  private static final Duration SETTLES = Duration.ofSeconds(10);

  private final Map<String, String> agent;
  private final Door gateway;

  /// @param agent at least an `id`; `session` and `onBehalfOf` say which run it is and for whom
  /// @param token an API key or an access token
  public Countersign(URI gateway, Map<String, String> agent, @Nullable String token) {
    this(
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
        gateway,
        agent,
        token);
  }

  /// @param http with a client certificate, for one; it must not follow redirects
  public Countersign(
      HttpClient http, URI gateway, Map<String, String> agent, @Nullable String token) {
    if (agent.getOrDefault("id", "").isEmpty()) {
      throw new IllegalArgumentException("agent needs an id");
    }
    this.agent = Map.copyOf(agent);
    this.gateway = new Door(http, gateway, token);
  }

  /// What is guarded: it gets exactly the parameters that were approved.
  @FunctionalInterface
  public interface Guarded<T> {
    T run(Permit permit) throws Exception;
  }

  /// Proposes one tool call and waits for what becomes of it, no longer than the proposal's
  /// timeout.
  public Answer guard(Proposal proposal) throws InterruptedException {
    return conversation(proposal).propose(proposal.body(agent));
  }

  /// Waits for what becomes of an action that was proposed before; with a timeout of zero, says how
  /// it stands.
  public Answer follow(String actionId, Duration timeout, Until until) throws InterruptedException {
    return new Conversation(
            gateway, System::nanoTime, Countersign::pause, null, timeout, until, answer -> {})
        .follow(id(actionId), null, null);
  }

  /// Asks to take a proposal back, and says how it stands then: once there is an answer, it stays.
  /// Follow it to learn whether it came in time. Where there is no answer after a moment, cancel
  /// once more: a gateway that was away has not heard it.
  public Answer cancel(String actionId, String reason) throws InterruptedException {
    String id = id(actionId);
    byte[] body = Canonical.bytes(JsonNodeFactory.instance.objectNode().put("reason", reason));
    try {
      gateway.send(
          "POST",
          "/v1/actions/" + id + "/cancel",
          body,
          Map.of("content-type", "application/json"),
          0);
    } catch (IOException e) {
      // Whether it was heard all the same, how it stands says.
      return follow(id, Duration.ZERO, Until.EXECUTED);
    }
    return follow(id, Duration.ZERO, Until.EXECUTED);
  }

  /// Runs something only once its call was approved: the grant is verified and redeemed, and how it
  /// ended is reported: an exception as `unknown`, {@link NoEffect} as `failed`.
  ///
  /// @throws NotApproved the answer is none or a no
  /// @throws NotPermitted the grant does not permit it, or somebody else used it
  /// @throws AlreadyDone this key's call was run before
  public <T> T run(Proposal proposal, Redeemer redeemer, Guarded<T> guarded) throws Exception {
    if (!proposal.tool().equals(redeemer.tool())) {
      throw new IllegalArgumentException("the redeemer is of " + redeemer.tool());
    }
    Answer answer = guard(proposal.until(Until.APPROVED));
    Permit permit;
    try {
      permit = redeemer.verifyAndRedeem(answer.requireGrant(), proposal.parameters());
    } catch (NotPermitted e) {
      mustNotHaveEnded(answer, proposal.timeout(), e);
      throw e;
    }
    return permit.run(guarded);
  }

  /// Where a grant was used before, how that ended may be on its way to the gateway: throws what a
  /// later call would.
  private void mustNotHaveEnded(Answer answer, Duration timeout, NotPermitted why)
      throws NotApproved, AlreadyDone, InterruptedException {
    String id = answer.actionId();
    if (why.code().equals("used-up") && id != null) {
      Duration most = timeout.compareTo(SETTLES) < 0 ? timeout : SETTLES;
      Answer settled = follow(id, most, Until.EXECUTED);
      if (settled.status().isFinal()) {
        settled.requireGrant();
      }
    }
  }

  private Conversation conversation(Proposal proposal) {
    return new Conversation(
        gateway,
        System::nanoTime,
        Countersign::pause,
        proposal.key(),
        proposal.timeout(),
        proposal.until(),
        proposal.tell());
  }

  static void pause(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }

  private static String id(String actionId) {
    String id = Conversation.uuid(actionId);
    if (id == null) {
      throw new IllegalArgumentException("an action's id is a UUID of 36 characters");
    }
    return UUID.fromString(id).toString();
  }
}
