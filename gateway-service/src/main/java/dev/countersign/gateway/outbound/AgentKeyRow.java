package dev.countersign.gateway.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.AgentKeys;
import dev.countersign.gateway.domain.Caller;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The row of an agent's key, as V6__agent_key.sql has it.
@Entity
@Table(name = "agent_key")
class AgentKeyRow {

  @Id @Nullable String hash;

  @Column(name = "key_id")
  @Nullable String keyId;

  @Nullable String agent;

  @Nullable String platform;

  @Nullable String toolsets;

  @Column(name = "made_at")
  @Nullable Instant madeAt;

  @Column(name = "expires_at")
  @Nullable Instant expiresAt;

  @Column(name = "revoked_at")
  @Nullable Instant revokedAt;

  String hash() {
    return Objects.requireNonNull(hash);
  }

  Caller.Known agent() {
    List<String> named = toolsets();
    return new Caller.Known(
        Objects.requireNonNull(agent), platform, named == null ? null : Set.copyOf(named));
  }

  AgentKeys.Kept kept() {
    return new AgentKeys.Kept(
        Objects.requireNonNull(keyId),
        Objects.requireNonNull(agent),
        platform,
        toolsets(),
        Objects.requireNonNull(madeAt),
        Objects.requireNonNull(expiresAt),
        revokedAt);
  }

  private @Nullable List<String> toolsets() {
    if (toolsets == null) {
      return null;
    }
    List<String> named = new ArrayList<>();
    for (JsonNode each : EventJson.readTree(toolsets.getBytes(StandardCharsets.UTF_8))) {
      named.add(each.textValue());
    }
    return named;
  }
}
