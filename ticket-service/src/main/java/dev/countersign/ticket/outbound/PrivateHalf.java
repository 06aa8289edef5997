package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Signer.Role;
import java.security.GeneralSecurityException;

/// The half of a key that signs, with who does the sums.
sealed interface PrivateHalf permits AwsLcHalf, BouncyCastleHalf {

  byte[] sign(byte[] message) throws GeneralSecurityException;

  /// What the keys of a role sign by, as the JCA calls it.
  static String algorithm(Role role) {
    return switch (role) {
      case ATTESTATION -> "SHA256withECDSA";
      case GRANT -> "Ed25519";
    };
  }
}
