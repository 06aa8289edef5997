package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Signer.Role;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The keys of all roles.
///
/// @param keys those that sign, did until lately, or will
/// @param retired the public halves of those whose time is over: there to verify with
record KeyRing(List<SigningKey> keys, List<PublishedKey> retired) {

  KeyRing {
    keys = List.copyOf(keys);
    retired = List.copyOf(retired);
  }

  /// The key that signs for a role at this time: of those in force the one that came last.
  Optional<SigningKey> inForce(Role role, Instant at) {
    return keys.stream()
        .filter(key -> key.role() == role && key.validity().covers(at))
        .max(Comparator.comparing(key -> key.validity().from()));
  }

  Optional<SigningKey> find(String kid) {
    return keys.stream().filter(key -> key.kid().equals(kid)).findFirst();
  }

  /// All that are published, the oldest first.
  List<PublishedKey> published() {
    return Stream.concat(retired.stream(), keys.stream().map(SigningKey::published))
        .sorted(Comparator.comparing(key -> key.validity().from()))
        .toList();
  }

  /// Whether the time of a key that could still sign is over, with room for clocks that differ.
  boolean hasOver(Instant now) {
    return keys.stream().anyMatch(key -> key.validity().isOver(now));
  }

  Map<String, Object> jwks() {
    return Map.of("keys", published().stream().map(PublishedKey::jwk).toList());
  }
}
