package dev.countersign.tlog;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// 32 bytes of SHA-256, as the tree computes them (RFC 6962 §2.1).
public final class Hash {

  /// A hash's length in bytes.
  public static final int BYTES = 32;

  /// The root of a tree without leaves: the hash of nothing.
  public static final Hash EMPTY_TREE = new Hash(sha256().digest());

  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The hash that these 32 bytes are. Throws `IllegalArgumentException` for another number.
  public static Hash of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a SHA-256 hash has 32 bytes");
    }
    return new Hash(bytes.clone());
  }

  /// The hash that these 64 hex digits spell.
  public static Hash ofHex(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /// The hash that this base64 spells.
  public static Hash ofBase64(String base64) {
    return of(Base64.getDecoder().decode(base64));
  }

  /// A leaf's hash, `SHA-256(0x00 ‖ leaf)`.
  public static Hash ofLeaf(byte[] leaf) {
    MessageDigest sha256 = sha256();
    sha256.update(LEAF);
    return new Hash(sha256.digest(leaf));
  }

  /// The hash of two subtrees, `SHA-256(0x01 ‖ left ‖ right)`.
  public static Hash ofNode(Hash left, Hash right) {
    MessageDigest sha256 = sha256();
    sha256.update(NODE);
    sha256.update(left.bytes);
    return new Hash(sha256.digest(right.bytes));
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

  /// 44 characters, padded.
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
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
