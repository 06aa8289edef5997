package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.EvidenceFile;
import dev.countersign.verifier.KeySet;
import java.util.ArrayList;
import java.util.List;

/// A public key as people compare it.
///
/// @param name the log's or witness's name, or the `kid`
/// @param fingerprint SHA-256 over the key as SubjectPublicKeyInfo (RFC 5280 §4.1), in hex
/// @param spelling as it is handed on: a verifier key, or a JWK
public record NamedKey(Role role, String name, String fingerprint, String spelling) {

  /// What it signs.
  public enum Role {
    LOG,
    WITNESS,
    ATTESTATION
  }

  /// All that evidence is verified with. Throws `IllegalArgumentException` where one is none.
  public static List<NamedKey> of(EvidenceFile.Keys keys) {
    List<NamedKey> named = new ArrayList<>();
    named.add(of(Role.LOG, keys.log()));
    keys.witnesses().forEach(each -> named.add(of(Role.WITNESS, each)));
    KeySet tickets = KeySet.read(keys.jwks().toString().getBytes(UTF_8));
    for (JsonNode jwk : keys.jwks().path("keys")) {
      String kid = jwk.path("kid").asText();
      tickets
          .findAttestationKey(kid)
          .ifPresent(spki ->
              named.add(
                  new NamedKey(
                      Role.ATTESTATION,
                      kid,
                      Digest.of(spki).hex(),
                      new String(EventJson.write(jwk), UTF_8))));
    }
    return named;
  }

  private static NamedKey of(Role role, String spelling) {
    VerifierKey key = VerifierKey.read(spelling);
    return new NamedKey(role, key.name(), Digest.of(key.key().getEncoded()).hex(), spelling);
  }
}
