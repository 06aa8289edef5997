package dev.countersign.executor.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import java.time.Instant;
import java.util.List;

/// What an authentic grant says: its signature was good when this was made of it. It permits
/// exactly one action, once, for a short while (RFC 7519, RFC 9396).
///
/// @param audience the toolset
/// @param subject the agent
public record Grant(
    String issuer,
    String audience,
    String subject,
    ActionId actionId,
    Instant notBefore,
    Instant expiresAt,
    String type,
    List<String> actions,
    String identifier,
    Digest actionDigest) {

  /// The `type` of a grant's one authorization detail.
  public static final String TOOL_CALL = "urn:countersign:tool-call:v1";

  public Grant {
    actions = List.copyOf(actions);
  }
}
