package dev.countersign.ticket.outbound;

import dev.countersign.events.EventJson;
import dev.countersign.events.GrantLife;
import dev.countersign.ticket.application.Signer.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The signing keys as a PKCS #12 store (RFC 7292) that only this service's user may read. One
/// entry a key, named `attestation-1`, `grant-1`, `grant-2` …; when it signs stands in its
/// certificate. Entries of other names are left alone.
///
/// ```
/// keys.p12        the store, made at the first start, whole or not at all
/// keys-password   what it is locked with, where the operator names no other secret
/// jwks.json       the public halves, for who verifies offline
/// ```
///
/// If the process dies while it is made or rotated, the store is what it was before.
final class KeyStoreFile {

  /// A new key is published this long before it signs, so that every instance has read it, and
  /// whoever verifies has fetched it.
  static final Duration ANNOUNCED = Duration.ofSeconds(10);

  /// The old key stays good this long after the new one begins. The database's clock chooses the
  /// key, and those who verify look by theirs whether its time is over: ten minutes for clocks that
  /// are that far apart, three for transactions under way, and the life of a grant at the longest.
  static final Duration OVERLAP = Duration.ofMinutes(13).plus(GrantLife.LONGEST);

  private static final String STORE = "keys.p12";
  private static final String PASSWORD = "keys-password";
  private static final String LOCK = "keys.lock";

  /// One state of the file, to tell it from the next.
  record Version(FileTime modified, long size, @Nullable Object file) {}

  private final Path folder;
  private final Path path;
  private final char[] password;

  private KeyStoreFile(Path folder, char[] password) {
    this.folder = folder;
    this.path = folder.resolve(STORE);
    this.password = password;
  }

  /// Where a ticket service that keeps its state there has its store.
  static Path store(Path state) {
    return state.resolve("ticket").resolve(STORE);
  }

  /// The store of a ticket service that keeps its state there.
  ///
  /// @param password what the operator set; else what stands in `passwordFile`; else a password of
  ///   our own, made at the first start
  static KeyStoreFile in(Path state, @Nullable String password, @Nullable Path passwordFile)
      throws IOException {
    Path folder = state.resolve("ticket");
    Files.createDirectories(folder);
    if (password != null) {
      return new KeyStoreFile(folder, password.toCharArray());
    }
    Path file = passwordFile == null ? folder.resolve(PASSWORD) : passwordFile;
    if (!Files.exists(file)) {
      if (passwordFile != null || Files.exists(folder.resolve(STORE))) {
        throw new IOException(file + " is missing; put back the password of the key store");
      }
      byte[] random = new byte[32];
      new SecureRandom().nextBytes(random);
      OwnerOnlyFile.make(file, Base64.getUrlEncoder().withoutPadding().encode(random));
    }
    String read = Files.readString(file).strip();
    if (read.isEmpty()) {
      throw new IOException(file + " is empty; put the password of the key store into it");
    }
    return new KeyStoreFile(folder, read.toCharArray());
  }

  /// The keys, made now where there is no store. A grant's key in PEM, as releases before had it,
  /// moves into the store, so that what it signed stays good.
  KeyRing readOrMake(Instant now) throws IOException {
    try {
      FormerGrantKey former = new FormerGrantKey(folder);
      if (!Files.exists(path)) {
        KeyStore store = empty();
        Instant from = now.minus(Validity.CLOCKS_DIFFER);
        add(store, Role.ATTESTATION, generate(Role.ATTESTATION), from);
        add(store, Role.GRANT, former.exists() ? former.read() : generate(Role.GRANT), from);
        OwnerOnlyFile.make(path, bytes(store));
      }
      KeyRing ring = read();
      // Locked away in the store, it must not lie open beside it.
      former.removeIfIn(ring);
      return ring;
    } catch (GeneralSecurityException e) {
      throw new IOException("the key store " + path + " could not be made: " + e.getMessage(), e);
    }
  }

  /// The keys as they stand there now.
  KeyRing read() throws IOException {
    try {
      KeyStore store = load();
      List<SigningKey> keys = new ArrayList<>();
      List<PublishedKey> retired = new ArrayList<>();
      for (Role role : Role.values()) {
        for (String alias : aliases(store, role)) {
          if (store.isKeyEntry(alias)) {
            keys.add(SigningKey.of(role, privateKey(store, alias), certificate(store, alias)));
          } else {
            retired.add(PublishedKey.of(role, certificate(store, alias)));
          }
        }
        if (keys.stream().noneMatch(key -> key.role() == role)) {
          throw new IOException(
              path + " holds no key of the role " + role.word() + "; put back the store");
        }
      }
      return new KeyRing(keys, retired);
    } catch (GeneralSecurityException e) {
      throw new IOException(path + " could not be read: " + e.getMessage(), e);
    }
  }

  /// Gives each role a new key, which signs from {@link #ANNOUNCED} on; the one that signed until
  /// then gets an end and stays until that has come. Running instances notice by themselves.
  KeyRing rotate(Instant now) throws IOException {
    change(
        now,
        store -> {
          Instant from = now.plus(ANNOUNCED);
          for (Role role : Role.values()) {
            for (String alias : aliases(store, role)) {
              Validity validity = Validity.of(certificate(store, alias));
              if (validity.until() == null) {
                KeyPair keys =
                    new KeyPair(certificate(store, alias).getPublicKey(), privateKey(store, alias));
                put(store, alias, role, keys, validity.until(from.plus(OVERLAP)));
              }
            }
            add(store, role, generate(role), from);
          }
        });
    KeyRing ring = read();
    publish(ring);
    return ring;
  }

  /// Of keys whose time is over only the certificates stay: whoever gets the store afterwards signs
  /// nothing in the name of before.
  void retire(Instant now) throws IOException {
    change(now, _ -> {});
  }

  /// What is done to the store while nobody else changes it.
  private interface Change {
    void to(KeyStore store) throws GeneralSecurityException, IOException;
  }

  private void change(Instant now, Change change) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      if (lock == null) {
        throw new IOException("the keys are being changed already; wait for that to end");
      }
      // Whoever died over a change left a copy of what was to be the store, private keys and all.
      OwnerOnlyFile.sweep(path, now.minus(Validity.CLOCKS_DIFFER));
      KeyStore store = load();
      boolean retired = retireOver(store, now);
      int before = store.size();
      change.to(store);
      if (retired || store.size() != before) {
        OwnerOnlyFile.replace(path, bytes(store));
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(path + " could not be changed: " + e.getMessage(), e);
    }
  }

  private boolean retireOver(KeyStore store, Instant now)
      throws GeneralSecurityException, IOException {
    boolean retired = false;
    for (Role role : Role.values()) {
      for (String alias : aliases(store, role)) {
        X509Certificate certificate = certificate(store, alias);
        if (store.isKeyEntry(alias) && Validity.of(certificate).isOver(now)) {
          store.deleteEntry(alias);
          store.setCertificateEntry(alias, certificate);
          retired = true;
        }
      }
    }
    return retired;
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /// Writes the public halves beside the store.
  void publish(KeyRing ring) throws IOException {
    Path jwks = folder.resolve("jwks.json");
    byte[] json = EventJson.write(ring.jwks());
    if (!Files.exists(jwks) || !Arrays.equals(json, Files.readAllBytes(jwks))) {
      OwnerOnlyFile.replace(jwks, json);
    }
  }

  Version version() throws IOException {
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    return new Version(now.lastModifiedTime(), now.size(), now.fileKey());
  }

  private KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private KeyStore load() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(path)) {
      store.load(in, password);
      return store;
    } catch (IOException e) {
      throw new IOException(
          path
              + " is no PKCS #12 store, or its password is another; put both back as they were, or"
              + " move the store away to make new keys: "
              + e.getMessage(),
          e);
    }
  }

  private byte[] bytes(KeyStore store) throws GeneralSecurityException, IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.store(bytes, password);
    return bytes.toByteArray();
  }

  private static List<String> aliases(KeyStore store, Role role) throws GeneralSecurityException {
    return Collections.list(store.aliases()).stream()
        .filter(alias -> alias.matches(role.word() + "-[0-9]{1,9}"))
        .toList();
  }

  private PrivateKey privateKey(KeyStore store, String alias)
      throws GeneralSecurityException, IOException {
    Key key = store.getKey(alias, password);
    if (key instanceof PrivateKey privateKey) {
      return privateKey;
    }
    throw new IOException(path + " holds no private key under " + alias);
  }

  private X509Certificate certificate(KeyStore store, String alias)
      throws GeneralSecurityException, IOException {
    if (store.getCertificate(alias) instanceof X509Certificate certificate) {
      return certificate;
    }
    throw new IOException(path + " holds no certificate under " + alias);
  }

  private void add(KeyStore store, Role role, KeyPair keys, Instant from)
      throws GeneralSecurityException, IOException {
    int last =
        aliases(store, role).stream()
            .mapToInt(alias -> Integer.parseInt(alias.substring(role.word().length() + 1)))
            .max()
            .orElse(0);
    put(store, role.word() + "-" + (last + 1), role, keys, new Validity(from, null));
  }

  private void put(KeyStore store, String alias, Role role, KeyPair keys, Validity validity)
      throws GeneralSecurityException, IOException {
    Certificate certificate = Certificates.selfSigned("countersign " + role.word(), keys, validity);
    store.setKeyEntry(alias, keys.getPrivate(), password, new Certificate[] {certificate});
  }

  private static KeyPair generate(Role role) throws GeneralSecurityException {
    return switch (role) {
      case ATTESTATION -> {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        yield generator.generateKeyPair();
      }
      case GRANT -> KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    };
  }
}
