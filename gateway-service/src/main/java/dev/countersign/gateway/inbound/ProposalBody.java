package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Batch;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.IdempotencyKey;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A proposal as it comes over HTTP: the contract's, but the `actionId` may stand in the
/// `Idempotency-Key` header or be left to us.
public final class ProposalBody {

  private ProposalBody() {}

  /// Reads what this caller sent, body and header. Bounds are checked on the raw bytes, before
  /// anything is built from them.
  public static ActionProposed read(Caller caller, byte[] sent, @Nullable String header)
      throws Bounds.OutOfBounds {
    Bounds.check(sent);
    return checked(key(header), caller, sent);
  }

  /// The same, under a key that is one already.
  static ActionProposed readUnder(Optional<IdempotencyKey> key, Caller caller, byte[] sent)
      throws Bounds.OutOfBounds {
    Bounds.check(sent);
    return checked(key, caller, sent);
  }

  /// What is within the bounds.
  private static ActionProposed checked(Optional<IdempotencyKey> key, Caller caller, byte[] sent)
      throws Bounds.OutOfBounds {
    byte[] body = caller instanceof Caller.Known known ? named(known, sent) : sent;
    if (ActionProposed.findActionId(body).isEmpty()) {
      ObjectNode proposal = (ObjectNode) EventJson.readTree(body);
      if (!proposal.hasNonNull("actionId")) {
        String agentId = proposal.path("agent").path("id").asText();
        ActionId actionId =
            key.map(it -> it.actionId(agentId, caller.platform()))
                .orElseGet(() -> new ActionId(UUID.randomUUID()));
        proposal.put("actionId", actionId.toString());
        return ActionProposed.read(EventJson.write(proposal));
      }
    }
    ActionProposed proposal = ActionProposed.read(body);
    Optional<ActionId> other = key.flatMap(IdempotencyKey::uuid);
    if (other.isPresent() && !other.get().equals(proposal.actionId())) {
      throw new Bounds.OutOfBounds(
          "two-ids",
          "actionId and Idempotency-Key are different UUIDs; send one of them, or the same twice");
    }
    return proposal;
  }

  /// Fills in what the credential says and the proposal leaves out. What it says otherwise stays,
  /// to be objected to.
  private static byte[] named(Caller.Known caller, byte[] sent) {
    ObjectNode proposal = (ObjectNode) EventJson.readTree(sent);
    if (!proposal.hasNonNull("agent")) {
      proposal.putObject("agent");
    }
    if (!(proposal.get("agent") instanceof ObjectNode agent)) {
      return sent;
    }
    if (!agent.hasNonNull("id")) {
      agent.put("id", caller.id());
    }
    if (caller.platform() != null && !agent.hasNonNull("platform")) {
      agent.put("platform", caller.platform());
    }
    return EventJson.write(proposal);
  }

  /// The contract's events say when; a proposer over HTTP need not.
  static ActionProposed dated(ActionProposed it, Clock clock) {
    return it.at() != null ? it : with(it, clock.instant(), it.batch());
  }

  /// The same, if it fits as it will be published: with what is added here, in our spelling.
  static ActionProposed fitting(ActionProposed it) throws Bounds.OutOfBounds {
    int bytes = EventJson.write(it).length;
    if (bytes > Bounds.MAX_BYTES) {
      throw new Bounds.OutOfBounds(
          "too-large",
          "with the members that are added here the proposal has "
              + bytes
              + " bytes; at most "
              + Bounds.MAX_BYTES);
    }
    return it;
  }

  /// As part of this batch, unless it names one itself.
  static ActionProposed in(@Nullable Batch batch, ActionProposed it) {
    return batch == null || it.batch() != null ? it : with(it, it.at(), batch);
  }

  private static ActionProposed with(
      ActionProposed it, @Nullable Instant at, @Nullable Batch batch) {
    return new ActionProposed(
        it.actionId(),
        at,
        it.agent(),
        it.tool(),
        it.parameters(),
        it.intent(),
        it.annotations(),
        batch,
        it.deadline());
  }

  static Optional<IdempotencyKey> key(@Nullable String header) throws Bounds.OutOfBounds {
    try {
      return Optional.ofNullable(header).map(IdempotencyKey::of);
    } catch (IllegalArgumentException e) {
      throw new Bounds.OutOfBounds("idempotency-key", String.valueOf(e.getMessage()));
    }
  }
}
