package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.domain.IdempotencyKey;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A proposal as it comes over HTTP: the contract's, but the `actionId` may stand in the
/// `Idempotency-Key` header or be left to us.
public final class ProposalBody {

  private ProposalBody() {}

  /// Reads body and header. Bounds are checked on the raw bytes, before anything is built from
  /// them.
  public static ActionProposed read(byte[] body, @Nullable String header)
      throws Bounds.OutOfBounds {
    Bounds.check(body);
    Optional<IdempotencyKey> key = key(header);
    if (ActionProposed.findActionId(body).isEmpty()) {
      ObjectNode proposal = (ObjectNode) EventJson.readTree(body);
      if (!proposal.hasNonNull("actionId")) {
        String agentId = proposal.path("agent").path("id").asText();
        ActionId actionId =
            key.map(it -> it.actionId(agentId)).orElseGet(() -> new ActionId(UUID.randomUUID()));
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

  private static Optional<IdempotencyKey> key(@Nullable String header) throws Bounds.OutOfBounds {
    try {
      return Optional.ofNullable(header).map(IdempotencyKey::of);
    } catch (IllegalArgumentException e) {
      throw new Bounds.OutOfBounds("idempotency-key", String.valueOf(e.getMessage()));
    }
  }
}
