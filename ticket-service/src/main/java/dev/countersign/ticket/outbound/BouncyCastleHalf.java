package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Signer.Role;
import java.security.SignatureException;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;

/// Signs by Bouncy Castle.
final class BouncyCastleHalf implements PrivateHalf {

  private final Role role;
  private final AsymmetricKeyParameter key;

  BouncyCastleHalf(Role role, AsymmetricKeyParameter key) {
    this.role = role;
    this.key = key;
  }

  @Override
  public byte[] sign(byte[] message) throws SignatureException {
    Signer signer =
        switch (role) {
          case ATTESTATION ->
              // RFC 6979: no random number that could be a bad one.
              new DSADigestSigner(
                  new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest())), new SHA256Digest());
          case GRANT -> new Ed25519Signer();
        };
    signer.init(true, key);
    signer.update(message, 0, message.length);
    try {
      return signer.generateSignature();
    } catch (CryptoException e) {
      throw new SignatureException(e);
    }
  }
}
