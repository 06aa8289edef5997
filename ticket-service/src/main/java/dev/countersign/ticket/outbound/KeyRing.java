package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Signer.Role;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The keys of all roles, those of before and those to come among them.
record KeyRing(List<SigningKey> keys) {

  KeyRing {
    keys = List.copyOf(keys);
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

  Map<String, Object> jwks() {
    return Map.of("keys", keys.stream().map(SigningKey::jwk).toList());
  }
}
