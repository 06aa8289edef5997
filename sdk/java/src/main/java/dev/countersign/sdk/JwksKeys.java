package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The ticket service's keys that sign grants (a JWK set, RFC 7517), fetched when they are needed
/// and kept for five minutes.
final class JwksKeys implements GrantVerifier.Keys {

  private static final long SECOND = 1_000_000_000;
  private static final long FRESH = 300 * SECOND;
  private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final int KEY_BYTES = 32;

  private record Key(PublicKey key, @Nullable Instant until) {}

  private final @Nullable Door door;
  private final String path;
  private final InstantSource clock;
  private Map<String, Key> keys = Map.of();
  private boolean fetched;
  private long fetchedAt;

  JwksKeys(HttpClient http, URI jwks, InstantSource clock) {
    this.door = new Door(http, jwks.resolve("/"), null);
    this.path = jwks.getRawPath();
    this.clock = clock;
  }

  /// A key set that is there already. Throws `IllegalArgumentException` where it is none.
  JwksKeys(JsonNode jwks, InstantSource clock) {
    this.door = null;
    this.path = "";
    this.clock = clock;
    this.keys = read(jwks);
  }

  @Override
  public synchronized @Nullable PublicKey find(String kid)
      throws NotPermitted, InterruptedException {
    long age = System.nanoTime() - fetchedAt;
    boolean stale = !fetched || age > FRESH;
    // A key that is not known may be new; strangers' tokens must not make it a flood.
    if (door != null && (stale || (!keys.containsKey(kid) && age > SECOND))) {
      fetch(door);
    }
    Key key = keys.get(kid);
    boolean inForce = key != null && (key.until() == null || !clock.instant().isAfter(key.until()));
    return inForce && key != null ? key.key() : null;
  }

  private void fetch(Door from) throws NotPermitted, InterruptedException {
    try {
      Door.Reply reply = from.send("GET", path, null, Map.of(), 0);
      NotPermitted.unless(
          reply.status() == 200, "keys-away", "the ticket service's keys: HTTP " + reply.status());
      keys = read(reply.json());
      fetched = true;
      fetchedAt = System.nanoTime();
    } catch (IOException | IllegalArgumentException e) {
      throw new NotPermitted("keys-away", "the ticket service's keys can't be had: " + e);
    }
  }

  private static Map<String, Key> read(JsonNode jwks) {
    if (!jwks.path("keys").isArray()) {
      throw new IllegalArgumentException("a key set has an array of keys");
    }
    Map<String, Key> read = new HashMap<>();
    for (JsonNode jwk : jwks.path("keys")) {
      // A key has one role, and only those of this role sign grants.
      if (jwk.path("role").asText().equals("grant")) {
        String kid = jwk.path("kid").textValue();
        if (kid == null || read.put(kid, key(jwk)) != null) {
          throw new IllegalArgumentException("a key without an id of its own");
        }
      }
    }
    return Map.copyOf(read);
  }

  /// RFC 8037 §2.
  private static Key key(JsonNode jwk) {
    if (!jwk.path("kty").asText().equals("OKP") || !jwk.path("crv").asText().equals("Ed25519")) {
      throw new IllegalArgumentException("grants are signed by keys on Ed25519");
    }
    byte[] raw = Base64.getUrlDecoder().decode(jwk.path("x").asText());
    if (raw.length != KEY_BYTES) {
      throw new IllegalArgumentException("an Ed25519 key has 32 bytes");
    }
    byte[] spki = new byte[SPKI.length + KEY_BYTES];
    System.arraycopy(SPKI, 0, spki, 0, SPKI.length);
    System.arraycopy(raw, 0, spki, SPKI.length, KEY_BYTES);
    JsonNode until = jwk.path("validFor").path("until");
    try {
      return new Key(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)),
          until.isTextual() ? Instant.parse(until.textValue()) : null);
    } catch (GeneralSecurityException | DateTimeException e) {
      throw new IllegalArgumentException("a key that can't be read: " + e.getMessage(), e);
    }
  }
}
