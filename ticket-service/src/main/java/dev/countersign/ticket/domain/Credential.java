package dev.countersign.ticket.domain;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/// The public side of a passkey, as the server keeps it. Binary members are base64url without
/// padding.
///
/// @param id the credential id
/// @param attested the attested credential data (W3C WebAuthn Level 3 §6.5.2), which holds the key
///   in COSE form
/// @param publicKey the same key as SubjectPublicKeyInfo (RFC 5280 §4.1), which others read
/// @param signCount the counter at its last use, from 0
/// @param backupEligible whether it can leave its device, which never changes (§6.1.3)
public record Credential(
    String id, String attested, String publicKey, long signCount, boolean backupEligible) {

  /// What two people compare, read out: four groups of four hexadecimal digits, the first 64 bits
  /// of the key's SHA-256. Making another key with the same one takes 2⁶⁴ tries.
  public String fingerprint() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(Base64.getUrlDecoder().decode(publicKey));
      String hex = HexFormat.of().withUpperCase().formatHex(hash, 0, 8);
      return hex.replaceAll("(.{4})(?=.)", "$1 ");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
