package dev.countersign.ticket.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.messaging.Unavailable;
import dev.countersign.ticket.application.Signer;
import dev.countersign.ticket.application.Signer.Role;
import io.vertx.mutiny.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyStoreFileTest {

  private static final Instant NOW = Instant.parse("2026-11-26T10:00:00.5Z");
  private static final String SECRET = "correct horse";

  @TempDir Path state;

  private KeyStoreFile file() throws IOException {
    return KeyStoreFile.in(state, SECRET, null);
  }

  private Path path(String name) {
    return state.resolve("ticket").resolve(name);
  }

  private static String kid(KeyRing ring, Role role, Instant at) {
    return ring.inForce(role, at).orElseThrow().kid();
  }

  @Test
  void theStoreIsMadeOnceAndOnlyItsOwnerReadsIt() throws Exception {
    KeyRing first = file().readOrMake(NOW);
    KeyRing again = file().readOrMake(NOW.plusSeconds(60));
    assertEquals(first.jwks(), again.jwks());
    assertEquals(2, first.keys().size());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(path("keys.p12"))));
    try (var left = Files.list(path(""))) {
      assertEquals(1, left.count(), "nothing of its making is left behind");
    }
    KeyRing elsewhere = KeyStoreFile.in(state.resolve("elsewhere"), SECRET, null).readOrMake(NOW);
    assertNotEquals(first.jwks(), elsewhere.jwks());
  }

  @Test
  void instancesThatStartAtOnceShareOneStore() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Set<String> seen = new HashSet<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<Future<String>> rings = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        rings.add(
            pool.submit(() -> {
              go.await();
              // The password is made in the same race.
              return KeyStoreFile.in(state, null, null).readOrMake(NOW).jwks().toString();
            }));
      }
      go.countDown();
      for (Future<String> each : rings) {
        seen.add(each.get());
      }
    }
    assertEquals(1, seen.size());
  }

  @Test
  void eachRoleHasKeysOfItsOwnAndOfItsOwnKind() throws Exception {
    KeyRing ring = file().readOrMake(NOW);
    JsonNode keys = EventJson.tree(ring.jwks()).path("keys");
    assertEquals(
        List.of("attestation", "grant"),
        keys.valueStream().map(each -> each.path("role").asText()).sorted().toList());
    for (JsonNode each : keys) {
      boolean grant = each.path("role").asText().equals("grant");
      assertEquals(grant ? "OKP" : "EC", each.path("kty").asText());
      assertEquals(grant ? "Ed25519" : "P-256", each.path("crv").asText());
      assertEquals(grant ? "EdDSA" : "ES256", each.path("alg").asText());
      assertEquals("sig", each.path("use").asText());
      assertEquals("2026-11-26T09:00:00Z", each.path("validFor").path("from").asText());
      assertFalse(each.path("validFor").has("until"));
      assertFalse(each.has("d"), "the private half stays here");
    }
    assertNotEquals(kid(ring, Role.GRANT, NOW), kid(ring, Role.ATTESTATION, NOW));
  }

  @Test
  void theStoreIsAPlainPkcs12FileThatOthersCanRead() throws Exception {
    KeyRing ring = file().readOrMake(NOW);
    KeyStore store = store();
    for (String alias : List.of("attestation-1", "grant-1")) {
      boolean grant = alias.startsWith("grant");
      X509Certificate certificate = (X509Certificate) store.getCertificate(alias);
      certificate.verify(certificate.getPublicKey());
      assertEquals(Instant.parse("2026-11-26T09:00:00Z"), certificate.getNotBefore().toInstant());
      byte[] message = "hello".getBytes(UTF_8);
      SigningKey key = ring.inForce(grant ? Role.GRANT : Role.ATTESTATION, NOW).orElseThrow();
      Signature verifier = Signature.getInstance(grant ? "Ed25519" : "SHA256withECDSA");
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(message);
      assertTrue(verifier.verify(key.sign(message)));
    }
  }

  @Test
  void theKeyOfReleasesBeforeIsTakenOver() throws Exception {
    KeyPair before = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Path pem = Files.createDirectories(path("")).resolve("grant-key.pem");
    Files.writeString(pem, pem(before.getPrivate()));

    KeyRing ring = file().readOrMake(NOW);

    byte[] message = {1, 2, 3};
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(before.getPublic());
    verifier.update(message);
    assertTrue(verifier.verify(ring.inForce(Role.GRANT, NOW).orElseThrow().sign(message)));
    assertFalse(Files.exists(pem), "it lies open nowhere");

    // One that the store does not hold is none of ours to remove.
    String other = pem(KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate());
    Files.writeString(pem, other);
    assertEquals(ring.jwks(), file().readOrMake(NOW).jwks());
    assertEquals(other, Files.readString(pem));
  }

  private static String pem(PrivateKey key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  @Test
  void aFileThatIsNoStoreStopsTheStartAndIsNotReplaced() throws Exception {
    Files.createDirectories(path(""));
    Files.writeString(path("keys.p12"), "not a store");
    IOException refused = assertThrows(IOException.class, () -> file().readOrMake(NOW));
    assertTrue(String.valueOf(refused.getMessage()).contains("no PKCS #12 store"));
    assertEquals("not a store", Files.readString(path("keys.p12")));

    Files.delete(path("keys.p12"));
    Files.writeString(path("grant-key.pem"), "not a key");
    refused = assertThrows(IOException.class, () -> file().readOrMake(NOW));
    assertTrue(String.valueOf(refused.getMessage()).contains("no PKCS #8 key"));
    assertFalse(Files.exists(path("keys.p12")));
  }

  @Test
  void withoutItsPasswordTheStoreStaysShut() throws Exception {
    KeyStoreFile.in(state, null, null).readOrMake(NOW);
    Path password = path("keys-password");
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(password)));
    assertThrows(IOException.class, () -> file().readOrMake(NOW), "another password");
    Files.writeString(password, " \n");
    assertThrows(IOException.class, () -> KeyStoreFile.in(state, null, null), "empty");
    Files.delete(password);
    assertThrows(IOException.class, () -> KeyStoreFile.in(state, null, null), "gone");
    assertThrows(
        IOException.class,
        () -> KeyStoreFile.in(state.resolve("new"), null, state.resolve("no-such-secret")),
        "a secret that the operator names is not made up");
  }

  @Test
  void afterARotationTheNewKeySignsAndTheOldOneStays() throws Exception {
    KeyStoreFile file = file();
    KeyRing before = file.readOrMake(NOW);
    byte[] untouched = Files.readAllBytes(path("keys.p12"));

    KeyRing after = file.rotate(NOW);

    Instant begins = NOW.plus(KeyStoreFile.ANNOUNCED);
    Instant ends = begins.plus(KeyStoreFile.OVERLAP);
    for (Role role : Role.values()) {
      String old = kid(before, role, NOW);
      assertEquals(old, kid(after, role, NOW), "it is published before it signs");
      assertNotEquals(old, kid(after, role, begins));
      assertNotEquals(old, kid(after, role, ends.plus(Duration.ofDays(365))));
      Validity validity = after.find(old).orElseThrow().validity();
      assertEquals(Instant.parse("2026-11-26T10:23:10Z"), validity.until());
      assertTrue(validity.covers(ends.minusSeconds(1)));
      assertFalse(validity.covers(ends.plusSeconds(1)));
      assertTrue(
          SigningKeyTest.verifies(
              role,
              store().getCertificate(role.word() + "-1").getPublicKey(),
              after.find(old).orElseThrow().sign(SigningKeyTest.MESSAGE)));
    }
    assertEquals(after.jwks(), file.read().jwks());
    assertEquals(
        EventJson.tree(after.jwks()), EventJson.readTree(Files.readAllBytes(path("jwks.json"))));
    assertEquals(6, file.rotate(NOW.plusSeconds(1)).keys().size(), "and again, at once");

    // Whoever is cut off in the middle finds one of the two states, never a part.
    Files.write(path("keys.p12.tmp"), untouched);
    assertEquals(6, file.read().keys().size());
  }

  @Test
  void ofAKeyWhoseTimeIsOverOnlyTheCertificateStays() throws Exception {
    KeyStoreFile file = file();
    KeyRing before = file.readOrMake(NOW);
    KeyRing rotated = file.rotate(NOW);
    Instant end = NOW.plus(KeyStoreFile.ANNOUNCED).plus(KeyStoreFile.OVERLAP);
    byte[] whole = Files.readAllBytes(path("keys.p12"));
    file.retire(end.plus(Validity.CLOCKS_DIFFER).minusSeconds(1));
    assertArrayEquals(whole, Files.readAllBytes(path("keys.p12")), "another clock may be behind");

    file.retire(end.plus(Validity.CLOCKS_DIFFER).plusSeconds(1));

    KeyStore store = store();
    KeyRing after = file.read();
    for (Role role : Role.values()) {
      assertEquals(null, store.getKey(role.word() + "-1", SECRET.toCharArray()));
      assertTrue(store.isKeyEntry(role.word() + "-2"));
      assertTrue(after.find(kid(before, role, NOW)).isEmpty(), "nothing signs with it");
      assertEquals(kid(rotated, role, end), kid(after, role, end.plus(Duration.ofDays(9))));
    }
    assertEquals(rotated.jwks(), after.jwks(), "what it signed is verified as before");
    // Another rotation counts on from there, and retires what is over by itself.
    KeyRing next = file.rotate(end.plus(Duration.ofDays(30)));
    assertEquals(6, next.published().size());
    KeyRing last = file.rotate(end.plus(Duration.ofDays(60)));
    assertEquals(4, last.keys().size());
    assertEquals(4, last.retired().size());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(path("keys.p12"))));
  }

  @Test
  void whatAChangeLeftBehindThatDiedIsRemovedByTheNext() throws Exception {
    KeyStoreFile file = file();
    file.readOrMake(NOW);
    byte[] whole = Files.readAllBytes(path("keys.p12"));
    Files.write(path("keys.p12123.tmp"), whole);
    Files.setLastModifiedTime(path("keys.p12123.tmp"), FileTime.from(NOW.minusSeconds(7_200)));
    Files.write(path("keys.p12456.tmp"), whole);
    Files.setLastModifiedTime(path("keys.p12456.tmp"), FileTime.from(NOW));
    file.retire(NOW);
    assertFalse(Files.exists(path("keys.p12123.tmp")), "nobody is at it any more");
    assertTrue(Files.exists(path("keys.p12456.tmp")), "somebody may be");
    assertArrayEquals(whole, Files.readAllBytes(path("keys.p12")));
  }

  @Test
  void aServiceThatRunsTakesUpARotationAndRetiresWhatIsOver() throws Exception {
    AtomicLong nanos = new AtomicLong();
    AtomicReference<Instant> at = new AtomicReference<>(NOW);
    Vertx vertx = Vertx.vertx();
    try {
      KeyStoreSigner signer =
          new KeyStoreSigner(file(), vertx, nanos::get, () -> Objects.requireNonNull(at.get()));
      String old = signer.kid(Role.GRANT, NOW);
      byte[] signed = sign(signer, old);

      KeyRing rotated = file().rotate(NOW);
      Instant begins = NOW.plus(KeyStoreFile.ANNOUNCED);
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      String fresh = signer.kid(Role.GRANT, begins);
      assertNotEquals(old, fresh);
      assertEquals(rotated.jwks(), signer.jwks(), "both are published, before the new one signs");
      assertArrayEquals(signed, sign(signer, old), "for a transaction under way");

      at.set(begins.plus(KeyStoreFile.OVERLAP).plus(Validity.CLOCKS_DIFFER).plusSeconds(1));
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      assertEquals(rotated.jwks(), signer.jwks());
      assertEquals(2, file().read().retired().size(), "one of each role");
      assertEquals(fresh, signer.kid(Role.GRANT, begins.plus(Duration.ofDays(1))));
      assertThrows(Unavailable.class, () -> sign(signer, old));
    } finally {
      vertx.close().await().atMost(Duration.ofSeconds(30));
    }
  }

  private static byte[] sign(KeyStoreSigner signer, String kid) {
    return signer
        .sign(List.of(new Signer.Order(kid, new byte[] {1})))
        .await()
        .atMost(Duration.ofSeconds(30))
        .getFirst();
  }

  @Test
  void oneRotationAtATime() throws Exception {
    KeyStoreFile file = file();
    KeyRing before = file.readOrMake(NOW);
    try (FileChannel channel =
            FileChannel.open(
                path("keys.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = channel.lock()) {
      assertThrows(IOException.class, () -> file.rotate(NOW));
    }
    assertEquals(before.jwks(), file.read().jwks());
  }

  @Test
  void aKeyOfOneRoleUnderTheNameOfAnotherStopsTheStart() throws Exception {
    KeyStoreFile file = file();
    file.readOrMake(NOW);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    add("grant-2", generator.generateKeyPair(), generator.generateKeyPair());
    assertThrows(IOException.class, file::read);
  }

  @Test
  void aKeyWhoseCertificateIsThatOfAnotherStopsTheStart() throws Exception {
    KeyStoreFile file = file();
    file.readOrMake(NOW);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    add("grant-2", generator.generateKeyPair(), generator.generateKeyPair());
    IOException refused = assertThrows(IOException.class, file::read);
    assertTrue(String.valueOf(refused.getMessage()).contains("another key"), refused.toString());
  }

  private KeyStore store() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(path("keys.p12"))) {
      store.load(in, SECRET.toCharArray());
    }
    return store;
  }

  private void add(String alias, KeyPair keys, KeyPair published) throws Exception {
    KeyStore store = store();
    Certificate certificate = Certificates.selfSigned("test", published, new Validity(NOW, null));
    store.setKeyEntry(
        alias, keys.getPrivate(), SECRET.toCharArray(), new Certificate[] {certificate});
    try (var out = Files.newOutputStream(path("keys.p12"))) {
      store.store(out, SECRET.toCharArray());
    }
  }
}
