package dev.countersign.verifier;

import dev.countersign.tlog.Hash;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Base64 (RFC 4648 §4) with one spelling for each sequence of bytes: decoders forgive stray bits
/// at the end, and then two files that differ would prove the same.
final class PlainBase64 {

  private PlainBase64() {}

  /// Throws `IllegalArgumentException` that names the member.
  static byte[] decode(String base64, String member) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(member + " is not base64", e);
    }
    if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
      throw new IllegalArgumentException(member + " is not plain base64");
    }
    return bytes;
  }

  /// The hashes of a proof.
  static List<Hash> hashes(List<String> proof) {
    List<Hash> hashes = new ArrayList<>();
    for (String each : proof) {
      hashes.add(Hash.of(decode(each, "the proof")));
    }
    return hashes;
  }
}
