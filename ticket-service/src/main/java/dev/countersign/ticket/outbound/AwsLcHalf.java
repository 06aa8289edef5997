package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Signer.Role;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;

/// Signs by AWS-LC. For ES256 it has the nonce from its random numbers with a hash of key and
/// message mixed in: a bad random number gives nothing away (ADR 0045).
final class AwsLcHalf implements PrivateHalf {

  private final String algorithm;
  private final PrivateKey key;
  private final Provider awsLc;

  private AwsLcHalf(String algorithm, PrivateKey key, Provider awsLc) {
    this.algorithm = algorithm;
    this.key = key;
    this.awsLc = awsLc;
  }

  static AwsLcHalf of(Role role, PrivateKey key, Provider awsLc) throws GeneralSecurityException {
    return new AwsLcHalf(
        PrivateHalf.algorithm(role),
        switch (role) {
          // Else it would read the key anew each time, which takes as long as to sign.
          case ATTESTATION ->
              KeyFactory.getInstance("EC", awsLc)
                  .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
          case GRANT -> key;
        },
        awsLc);
  }

  @Override
  public byte[] sign(byte[] message) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm, awsLc);
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }
}
