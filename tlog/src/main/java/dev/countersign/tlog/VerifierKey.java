package dev.countersign.tlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/// A public key that notes are verified with, in its spelling `name+id+base64` (C2SP signed-note,
/// "Verifier keys"): Ed25519, of a log or of a witness.
public final class VerifierKey {

  /// What a key signs.
  public enum Kind {
    /// The note's text alone: a log's signature.
    LOG(1),
    /// The text and a time (C2SP tlog-cosignature, `cosignature/v1`): a witness's.
    WITNESS(4);

    final byte algorithm;

    Kind(int algorithm) {
      this.algorithm = (byte) algorithm;
    }
  }

  private static final int ID_BYTES = 4;
  private static final int TIME_BYTES = 8;

  private final String name;
  private final Kind kind;
  private final byte[] raw;
  private final PublicKey key;

  /// Throws `IllegalArgumentException` where the name or the 32 bytes are none.
  public VerifierKey(String name, Kind kind, byte[] raw) {
    if (!Note.isName(name)) {
      throw new IllegalArgumentException("a key's name has neither space nor plus");
    }
    this.name = name;
    this.kind = kind;
    this.raw = raw.clone();
    this.key = Ed25519.publicKey(raw);
  }

  /// Reads `name+id+base64`. Throws `IllegalArgumentException` with a sentence where it is none.
  public static VerifierKey read(String text) {
    String[] parts = text.strip().split("\\+", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException("a verifier key is name+id+base64");
    }
    byte[] coded = Base64.getDecoder().decode(parts[2]);
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(each -> coded.length == Ed25519.KEY_BYTES + 1 && each.algorithm == coded[0])
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("the key is of no kind known here"));
    VerifierKey key = new VerifierKey(parts[0], kind, Arrays.copyOfRange(coded, 1, coded.length));
    if (!key.hexId().equals(parts[1])) {
      throw new IllegalArgumentException("the key's id is not that of its name and bytes");
    }
    return key;
  }

  public String name() {
    return name;
  }

  public Kind kind() {
    return kind;
  }

  /// `SHA-256(name ‖ 0x0A ‖ algorithm ‖ key)`: what Sigstore knows a log by.
  public Hash hash() {
    MessageDigest sha256 = Hash.sha256();
    sha256.update(name.getBytes(UTF_8));
    sha256.update((byte) '\n');
    sha256.update(kind.algorithm);
    return Hash.of(sha256.digest(raw));
  }

  /// The first four bytes of its [#hash].
  public int id() {
    return ByteBuffer.wrap(hash().bytes()).getInt();
  }

  private String hexId() {
    return HexFormat.of().toHexDigits(id());
  }

  /// The 32 bytes.
  public byte[] raw() {
    return raw.clone();
  }

  /// As Java's own API has it.
  public PublicKey key() {
    return key;
  }

  /// Whether this key signed the note.
  public boolean signed(Note note) {
    return note.signatures().stream().anyMatch(each -> signed(note.text(), each));
  }

  /// Whether a signature under a text is this key's and good.
  public boolean signed(String text, Note.Signature signature) {
    if (!signature.name().equals(name) || signature.keyId() != id()) {
      return false;
    }
    byte[] bytes = signature.bytes();
    return switch (kind) {
      case LOG -> verifies(text.getBytes(UTF_8), Arrays.copyOfRange(bytes, ID_BYTES, bytes.length));
      case WITNESS ->
          bytes.length > ID_BYTES + TIME_BYTES
              && verifies(
                  timed(text, ByteBuffer.wrap(bytes).getLong(ID_BYTES)),
                  Arrays.copyOfRange(bytes, ID_BYTES + TIME_BYTES, bytes.length));
    };
  }

  /// When this witness cosigned the note; empty where it did not, or where this is a log's key.
  public Optional<Instant> cosigned(Note note) {
    return note.signatures().stream()
        .filter(each -> kind == Kind.WITNESS && signed(note.text(), each))
        .map(each -> ByteBuffer.wrap(each.bytes()).getLong(ID_BYTES))
        // Beyond any clock: whoever signs that says nothing of when.
        .filter(seconds -> seconds >= 0 && seconds <= Instant.MAX.getEpochSecond())
        .map(Instant::ofEpochSecond)
        .max(Instant::compareTo);
  }

  /// What a witness signs (C2SP tlog-cosignature).
  static byte[] timed(String text, long seconds) {
    return ("cosignature/v1\ntime " + Long.toUnsignedString(seconds) + "\n" + text).getBytes(UTF_8);
  }

  private boolean verifies(byte[] message, byte[] signature) {
    return Ed25519.verifies(key, message, signature);
  }

  /// Its spelling, `name+id+base64`.
  @Override
  public String toString() {
    byte[] coded = new byte[Ed25519.KEY_BYTES + 1];
    coded[0] = kind.algorithm;
    System.arraycopy(raw, 0, coded, 1, Ed25519.KEY_BYTES);
    return name + "+" + hexId() + "+" + Base64.getEncoder().encodeToString(coded);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifierKey key && toString().equals(key.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
