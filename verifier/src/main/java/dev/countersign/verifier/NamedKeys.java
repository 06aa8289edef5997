package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Shown;
import dev.countersign.tlog.VerifierKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether the keys that a file names are those at hand. They are never used: whoever reads the
/// file shall not take others for the ones that it was verified with.
final class NamedKeys {

  private NamedKeys() {}

  /// @param kids of the keys that signed what is proven
  static void check(EvidenceFile file, TrustedKeys trusted, Set<String> kids) throws NotProven {
    VerifierKey log = trusted.log();
    NotProven.unless(
        log != null && file.keys().log().equals(log.toString()),
        "the file names another key of the log than the one at hand");
    List<VerifierKey> witnesses;
    try {
      witnesses = file.keys().witnesses().stream().map(VerifierKey::read).toList();
    } catch (IllegalArgumentException e) {
      throw new NotProven("the file names a witness's key that is none");
    }
    NotProven.unless(
        witnesses.containsAll(trusted.witnesses()),
        "the file names other witnesses than the one at hand");
    KeySet tickets = trusted.tickets();
    if (tickets != null) {
      checkJwks(file, tickets, kids);
    }
  }

  private static void checkJwks(EvidenceFile file, KeySet tickets, Set<String> kids)
      throws NotProven {
    for (JsonNode jwk : file.keys().jwks().path("keys")) {
      String kid = jwk.path("kid").asText();
      Optional<JsonNode> known = tickets.findJwk(kid);
      NotProven.unless(
          known.isEmpty() || isSame(jwk, known.get()),
          "the file names another key " + Shown.text(kid) + " than the one at hand");
    }
    Set<String> named = named(file);
    for (String kid : kids) {
      NotProven.unless(
          named.contains(kid),
          "the file does not name the key " + Shown.text(kid) + " of what is signed in it");
    }
  }

  /// The ids of the ticket service's keys, by the file.
  static Set<String> named(EvidenceFile file) {
    return file.keys()
        .jwks()
        .path("keys")
        .valueStream()
        .map(jwk -> jwk.path("kid").asText())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The same but for an end, which one of them was made too early to know. That of the key at hand
  /// counts.
  private static boolean isSame(JsonNode named, JsonNode known) {
    return endless(named).equals(endless(known));
  }

  private static JsonNode endless(JsonNode jwk) {
    JsonNode endless = jwk.deepCopy();
    if (endless.path("validFor") instanceof ObjectNode validFor) {
      validFor.remove("until");
    }
    return endless;
  }
}
