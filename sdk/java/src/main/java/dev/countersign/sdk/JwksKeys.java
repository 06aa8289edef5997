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
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
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
  private final LongSupplier nanoTime;
  private Map<String, Key> keys = Map.of();
  private boolean fetched;
  private long fetchedAt;
  private boolean attempted;
  private long attemptedAt;
  private @Nullable CountDownLatch fetching;

  /// Why the last attempt failed; null where it did not.
  private @Nullable String broken;

  JwksKeys(HttpClient http, URI jwks, InstantSource clock) {
    this(http, jwks, clock, System::nanoTime);
  }

  JwksKeys(HttpClient http, URI jwks, InstantSource clock, LongSupplier nanoTime) {
    if (jwks.getRawQuery() != null || jwks.getRawFragment() != null) {
      throw new IllegalArgumentException(
          jwks + " is no address of a key set: it has a query or a fragment; leave that out");
    }
    this.door = new Door(http, jwks.resolve("/"), null);
    this.path = jwks.getRawPath();
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /// A key set that is there already. Throws `IllegalArgumentException` where it is none.
  JwksKeys(JsonNode jwks, InstantSource clock) {
    this.door = null;
    this.path = "";
    this.clock = clock;
    this.nanoTime = System::nanoTime;
    this.keys = read(jwks);
  }

  @Override
  public @Nullable PublicKey find(String kid) throws NotPermitted, InterruptedException {
    CountDownLatch running;
    boolean mine = false;
    synchronized (this) {
      // A key that is not known may be new; strangers' tokens must not make it a flood, nor
      // hold up those whose key is known.
      if (isWanted(kid) && fetching == null && isTime()) {
        fetching = new CountDownLatch(1);
        mine = true;
      }
      running = isWanted(kid) ? fetching : null;
    }
    if (mine && door != null) {
      fetch(door);
    } else if (running != null) {
      running.await();
    }
    synchronized (this) {
      NotPermitted.unless(
          !isWanted(kid) || (!isStale() && broken == null),
          "keys-away",
          "the ticket service's keys can't be had: " + broken);
      Key key = keys.get(kid);
      boolean inForce =
          key != null && (key.until() == null || !clock.instant().isAfter(key.until()));
      return inForce && key != null ? key.key() : null;
    }
  }

  private boolean isWanted(String kid) {
    return door != null && (isStale() || !keys.containsKey(kid));
  }

  private boolean isStale() {
    return !fetched || nanoTime.getAsLong() - fetchedAt > FRESH;
  }

  private boolean isTime() {
    return !attempted || nanoTime.getAsLong() - attemptedAt > SECOND;
  }

  /// For all who wait for it: what became of it is in the fields.
  private void fetch(Door from) throws InterruptedException {
    Map<String, Key> had = null;
    String why = "it broke off";
    try {
      Door.Reply reply = from.send("GET", path, null, Map.of(), 0);
      if (reply.status() == 200) {
        had = read(reply.json());
      } else {
        why = "HTTP " + reply.status();
      }
    } catch (IOException | IllegalArgumentException e) {
      why = e.toString();
    } finally {
      settle(had, why);
    }
  }

  private synchronized void settle(@Nullable Map<String, Key> had, String why) {
    attempted = true;
    attemptedAt = nanoTime.getAsLong();
    broken = had == null ? why : null;
    if (had != null) {
      keys = had;
      fetched = true;
      fetchedAt = attemptedAt;
    }
    if (fetching != null) {
      fetching.countDown();
      fetching = null;
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
