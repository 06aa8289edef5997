package dev.countersign.verifier;

import dev.countersign.events.Digest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// 32 bytes of SHA-256, as the log computes them.
public final class Hash {

  /// What stands before the first entry: 32 zero bytes.
  public static final Hash GENESIS = new Hash(new byte[32]);

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The hash that these 32 bytes are.
  public static Hash of(byte[] bytes) {
    if (bytes.length != 32) {
      throw new IllegalArgumentException("a SHA-256 hash has 32 bytes");
    }
    return new Hash(bytes.clone());
  }

  /// The hash that this digest spells.
  public static Hash of(Digest digest) {
    return new Hash(HexFormat.of().parseHex(digest.hex()));
  }

  /// A leaf's hash, `SHA-256(0x00 ‖ leaf)` (RFC 6962 §2.1).
  public static Hash ofLeaf(byte[] leaf) {
    MessageDigest sha256 = sha256();
    sha256.update((byte) 0);
    return new Hash(sha256.digest(leaf));
  }

  /// What follows this link when a leaf is appended: `SHA-256(link ‖ leafHash)`.
  public Hash link(Hash leafHash) {
    MessageDigest sha256 = sha256();
    sha256.update(bytes);
    return new Hash(sha256.digest(leafHash.bytes));
  }

  /// A SHA-256 that has seen nothing yet.
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /// 64 lower-case hex digits.
  public String hex() {
    return HexFormat.of().formatHex(bytes);
  }

  /// The published spelling.
  public Digest digest() {
    return Digest.ofHex(hex());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return hex();
  }
}
