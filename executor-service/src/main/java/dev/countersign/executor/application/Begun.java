package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Promised;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An execution whose intent is durable: it is ours to perform until the lease ends.
///
/// @param attempt counts from 1; together with the instance it is the fence, for every claim raises
///   it
/// @param parameters in canonical form, exactly what was digested
/// @param grant the token, where its connector hands it on; null elsewhere
/// @param grantLeft how much of the grant's time was left as it was claimed, by the database's
///   clock
/// @param toolDigest the tool's entry in the catalogue as the action was judged by; null where it
///   has none
/// @param pin what the tool's MCP server must still say that it is, as the catalogue says; null
///   where it is not pinned
/// @param approvers who was proven to have approved it; null where an earlier version took it in,
///   which did not write that down
/// @param promised what its approvers were shown of the target; null where nobody approved it
public record Begun(
    ActionId actionId,
    Tool tool,
    int attempt,
    JsonNode parameters,
    @Nullable String grant,
    Duration grantLeft,
    @Nullable Digest toolDigest,
    @Nullable Digest pin,
    @Nullable Approvers approvers,
    @Nullable Promised promised,
    @Nullable String traceparent) {

  /// Which try at which action.
  public record Attempt(ActionId actionId, int number) {}

  public Attempt key() {
    return new Attempt(actionId, attempt);
  }

  /// The same, of a tool that must still be this one there.
  Begun pinned(@Nullable Digest now) {
    return new Begun(
        actionId,
        tool,
        attempt,
        parameters,
        grant,
        grantLeft,
        toolDigest,
        now,
        approvers,
        promised,
        traceparent);
  }
}
