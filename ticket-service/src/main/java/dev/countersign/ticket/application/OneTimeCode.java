package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.InvitationId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Locale;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// The code that goes with an invitation: eight characters that are not mistaken for one another
/// when they are read out, about 36 bits, in two groups of four. It is told on another way than the
/// link, so whoever reads the mail alone enrols nothing.
final class OneTimeCode {

  // Without 0 O 1 I L, 2 Z, 5 S, 8 B, U V.
  private static final String ALPHABET = "34679ACDEFGHJKMNPQRTWXY";
  private static final int LENGTH = 8;
  private static final int ROUNDS = 100_000;
  private static final int BITS = 256;

  private OneTimeCode() {}

  static String make(SecureRandom random) {
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      if (i == LENGTH / 2) {
        code.append('-');
      }
      code.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return code.toString();
  }

  /// A hash that takes some tens of milliseconds, so that whoever reads the table does not have the
  /// code within its day (RFC 8018 §5.2).
  static byte[] hash(InvitationId invitation, String typed) {
    String code = typed.toUpperCase(Locale.ROOT).replaceAll("[\\s-]", "");
    byte[] salt = invitation.toString().getBytes(StandardCharsets.US_ASCII);
    PBEKeySpec spec = new PBEKeySpec(code.toCharArray(), salt, ROUNDS, BITS);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PBKDF2", e);
    } finally {
      spec.clearPassword();
    }
  }

  static boolean is(byte[] hash, InvitationId invitation, String typed) {
    return MessageDigest.isEqual(hash, hash(invitation, typed));
  }
}
