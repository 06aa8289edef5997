package dev.countersign.tlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// A signing key in a file that only its owner reads: on its first line the private key's 32 bytes
/// in base64 (RFC 8032 §5.1.5), on the second the [VerifierKey] that belongs to it.
public final class KeyFile {

  private KeyFile() {}

  /// The key of this file, or a new one under this name where there is no file.
  ///
  /// Throws `IOException` where the file holds another kind of key, or one of another name: a log
  /// or witness that changed its name would be another.
  public static NoteSigner open(Path file, String name, VerifierKey.Kind kind) throws IOException {
    if (!Files.exists(file)) {
      create(file, name, kind);
    }
    NoteSigner signer = read(file);
    if (signer.key().kind() != kind || !signer.key().name().equals(name)) {
      throw new IOException(
          file + " holds the key of " + signer.key().name() + ", not of " + name + " as asked for");
    }
    return signer;
  }

  private static void create(Path file, String name, VerifierKey.Kind kind) throws IOException {
    KeyPair pair;
    try {
      pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has Ed25519", e);
    }
    byte[] spki = pair.getPublic().getEncoded();
    VerifierKey key =
        new VerifierKey(name, kind, Arrays.copyOfRange(spki, spki.length - 32, spki.length));
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    String lines = Base64.getEncoder().encodeToString(seed) + "\n" + key + "\n";
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path begun =
        Files.createTempFile(
            folder,
            ".key",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (FileChannel channel = FileChannel.open(begun, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(lines.getBytes(US_ASCII)));
        // A key that signed and is lost with the power is a log or a witness that ended.
        channel.force(true);
      }
      // As a link: whole or not at all, and never over one that another instance made meanwhile.
      Files.createLink(file, begun);
    } catch (FileAlreadyExistsException _) {
      // The other one's is the key.
    } finally {
      Files.delete(begun);
    }
    Durable.force(file.resolveSibling("."));
  }

  private static NoteSigner read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, US_ASCII);
    try {
      PrivateKey key =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(
                  new EdECPrivateKeySpec(
                      NamedParameterSpec.ED25519, Base64.getDecoder().decode(lines.getFirst())));
      NoteSigner signer = new NoteSigner(VerifierKey.read(lines.get(1)), key);
      // Two halves that don't belong together would sign what nobody can verify.
      String probe = "probe\n";
      if (!signer.key().signed(signer.sign(probe, Instant.EPOCH))) {
        throw new IOException(file + " holds two keys that do not belong together");
      }
      return signer;
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new IOException(file + " holds no key: " + e.getMessage(), e);
    }
  }
}
