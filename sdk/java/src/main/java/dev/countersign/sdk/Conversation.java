package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.sdk.Door.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a proposal is made, as often as it takes, and followed until it is answered or the caller's
/// time is over.
final class Conversation {

  private static final double SOON = 0.2;
  private static final double SELDOM = 5;
  private static final double NANOS = 1e9;
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /// While people are asked the gateway holds the request, and nobody else does: seconds.
  private static final int HOLD = 30;

  /// Whoever waits for a grant, which lives for a minute or two, and asks the very moment that it
  /// is given misses the change: they learn of it so many seconds later.
  private static final int HOLD_FOR_A_GRANT = 10;

  /// The way to the gateway.
  @FunctionalInterface
  interface Line {
    Reply send(
        String method, String path, byte @Nullable [] body, Map<String, String> headers, int wait)
        throws IOException, InterruptedException;
  }

  /// Lets time pass.
  @FunctionalInterface
  interface Rest {
    void pause(Duration time) throws InterruptedException;
  }

  private final Line gateway;
  private final LongSupplier nanos;
  private final Rest rest;
  private final @Nullable String key;
  private final Until until;
  private final Consumer<Answer> tell;
  private final long end;
  private double backoff = SOON;
  private String told = "";
  private String unheard = "";

  Conversation(
      Line gateway,
      LongSupplier nanos,
      Rest rest,
      @Nullable String key,
      Duration timeout,
      Until until,
      Consumer<Answer> tell) {
    this.gateway = gateway;
    this.nanos = nanos;
    this.rest = rest;
    this.key = key;
    this.until = until;
    this.tell = tell;
    this.end = nanos.getAsLong() + timeout.toNanos();
  }

  Answer propose(byte[] proposal) throws InterruptedException {
    return propose(proposal, false);
  }

  /// @param before whether it may have been proposed before: then a no is no answer to what stands
  private Answer propose(byte[] proposal, boolean before) throws InterruptedException {
    boolean stands = before;
    Map<String, String> headers =
        Map.of("content-type", "application/json", "idempotency-key", String.valueOf(key));
    while (true) {
      Optional<Reply> reply = send("POST", "/v1/actions", proposal, headers, 0);
      if (reply.isPresent()) {
        Reply heard = reply.get();
        if (heard.status() == 200 || heard.status() == 202) {
          // Under a UUID as key the answer is about that id, or it is none.
          JsonNode state = state(heard.json(), uuid(key));
          if (state != null) {
            return follow(state.path("actionId").asText(), state, proposal);
          }
        } else if (heard.isNo()) {
          return !stands && settles(heard) ? refused(heard, uuid(key)) : untold(heard, uuid(key));
        }
      }
      stands |= reply.isEmpty() || reply.get().status() != 429;
      if (!pause(reply)) {
        return away(reply, uuid(key));
      }
    }
  }

  /// @param state null where the gateway was not asked yet
  /// @param proposal null where it was made before, by whomever
  Answer follow(String actionId, @Nullable JsonNode state, byte @Nullable [] proposal)
      throws InterruptedException {
    JsonNode now = state;
    // What the target answered comes with GET alone, so a final answer is asked for once.
    boolean asked = false;
    while (true) {
      if (now != null) {
        Answer answer = answer(now);
        if (isEnough(answer) && (asked || answer.status() == Status.APPROVED)) {
          return answer;
        }
        if (answer.status().isOpen()) {
          tell(answer);
        }
        if (asked && left() <= 0) {
          return answer;
        }
      }
      int wait = now == null || answer(now).status().isFinal() || left() <= 0 ? 0 : hold();
      long began = nanos.getAsLong();
      Optional<Reply> reply =
          send("GET", "/v1/actions/" + actionId + "?wait=" + wait, null, Map.of(), wait);
      JsonNode heard =
          reply.filter(it -> it.status() == 200).map(it -> state(it.json(), actionId)).orElse(null);
      if (heard != null) {
        backoff = SOON;
        // Whoever does not hold the request is not asked more often than they said.
        if (wait > 0 && now != null && heard.path("status").equals(now.path("status"))) {
          rest(heard.path("retryAfter").asDouble(0) - (nanos.getAsLong() - began) / NANOS);
        }
        now = heard;
        asked = true;
        continue;
      }
      boolean lost = proposal != null && reply.isPresent() && reply.get().status() == 404;
      if (reply.isPresent() && reply.get().isNo() && !lost) {
        return untold(reply.get(), actionId);
      }
      if (!pause(reply)) {
        return away(reply, actionId);
      }
      if (lost && proposal != null) {
        // It was put back from a backup, or is another: the same proposal is the same action.
        return propose(proposal, true);
      }
    }
  }

  private int hold() {
    int most = until == Until.APPROVED ? HOLD_FOR_A_GRANT : HOLD;
    // At least a second: it ends no later than the caller's time by more than that.
    return (int) Math.max(1, Math.min(most, left()));
  }

  /// Empty where nothing came back: whether the request arrived is not known.
  private Optional<Reply> send(
      String method, String path, byte @Nullable [] body, Map<String, String> headers, int wait)
      throws InterruptedException {
    try {
      return Optional.of(gateway.send(method, path, body, headers, wait));
    } catch (IOException e) {
      // Sent again, as long as there is time, and after that told as "away".
      unheard = "it does not answer: " + e;
      return Optional.empty();
    }
  }

  /// Waits before the same is sent again; false where there is no time for that.
  private boolean pause(Optional<Reply> reply) throws InterruptedException {
    Double asked = reply.isPresent() ? reply.get().retryAfter() : null;
    double pause = asked == null ? backoff : Math.max(backoff, asked);
    backoff = Math.min(backoff * 2, SELDOM);
    if (left() <= pause) {
      return false;
    }
    rest(pause);
    return true;
  }

  private void rest(double seconds) throws InterruptedException {
    double time = Math.min(seconds, left());
    if (time > 0) {
      rest.pause(Duration.ofNanos((long) (time * NANOS)));
    }
  }

  private double left() {
    return (end - nanos.getAsLong()) / NANOS;
  }

  private boolean isEnough(Answer answer) {
    return answer.status() == Status.APPROVED ? until == Until.APPROVED : answer.status().isFinal();
  }

  private void tell(Answer answer) {
    if (!answer.sayToUser().equals(told)) {
      told = answer.sayToUser();
      tell.accept(answer);
    }
  }

  private Answer answer(JsonNode state) {
    Status status = Status.of(state.path("status").asText()).orElseThrow();
    JsonNode reason = state.path("reason");
    return new Answer(
        status,
        key,
        state.path("actionId").asText(),
        state.path("sayToUser").asText(),
        reason.isObject()
            ? new Answer.Reason(reason.path("code").asText(), reason.path("text").asText())
            : null,
        status == Status.APPROVED ? state.path("grant").asText() : null,
        reconciled(state.path("reconciled")),
        state);
  }

  private static Answer.@Nullable Reconciled reconciled(JsonNode found) {
    return found.isMissingNode() || found.isNull()
        ? null
        : new Answer.Reconciled(found.path("finding").asText(), found.path("at").asText());
  }

  /// Whether this no is the gateway's own, and is to the proposal and not to whoever asks. Under a
  /// key that the caller gave, an earlier proposal may stand, and who may not ask is told nothing
  /// of it. A key that was drawn is no other case: a {@link Proposal} may be asked for twice.
  private static boolean settles(Reply reply) {
    boolean toTheProposal =
        switch (reply.status()) {
          case 400, 413, 422 -> true;
          default -> reply.isConflict();
        };
    return toTheProposal && reply.isOurs();
  }

  private Answer refused(Reply reply, @Nullable String actionId) {
    String said =
        reply.isConflict()
            ? "It was not taken, and what was proposed under its key before may still be done: "
            : "It was refused and not done: ";
    return new Answer(
        Status.REFUSED,
        key,
        actionId,
        said + reply.detail(),
        new Answer.Reason(reply.code(), reply.detail()),
        null,
        null,
        reply.json());
  }

  /// A no to the question and not to the action, which goes on without whoever asked.
  private Answer untold(Reply reply, @Nullable String actionId) {
    return new Answer(
        Status.AWAY,
        key,
        actionId,
        "The approval gate does not say how it stands, and it may still be done: " + reply.detail(),
        new Answer.Reason(reply.code(), reply.detail()),
        null,
        null,
        MissingNode.getInstance());
  }

  private Answer away(Optional<Reply> reply, @Nullable String actionId) {
    return new Answer(
        Status.AWAY,
        key,
        actionId,
        "The approval gate could not be asked; whether it was proposed is not known yet.",
        new Answer.Reason(
            "gateway-away",
            reply
                .map(it -> "its answer was HTTP " + it.status() + " and told nothing of the action")
                .orElse(unheard)),
        null,
        null,
        MissingNode.getInstance());
  }

  /// The state, if it is one: of this action, in a word that we know, and a yes only with its
  /// proof.
  private static @Nullable JsonNode state(JsonNode state, @Nullable String actionId) {
    String actual = uuid(state.path("actionId").textValue());
    String word = state.path("status").asText();
    if (actual == null
        || (actionId != null && !actual.equals(uuid(actionId)))
        || !state.path("sayToUser").isTextual()
        || Status.of(word).isEmpty()) {
      return null;
    }
    boolean holds =
        switch (word) {
          case "approved" ->
              state.path("decision").path("outcome").asText().equals("approved")
                  && !state.path("grant").asText().isEmpty();
          case "succeeded" -> state.path("execution").path("status").asText().equals("succeeded");
          default -> true;
        };
    return holds ? state : null;
  }

  static @Nullable String uuid(@Nullable String text) {
    return text != null && UUID_FORM.matcher(text).matches()
        ? UUID.fromString(text).toString()
        : null;
  }
}
