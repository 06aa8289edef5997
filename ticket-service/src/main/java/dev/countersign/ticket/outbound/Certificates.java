package dev.countersign.ticket.outbound;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/// Self-signed certificates (RFC 5280): a key store keeps each key with one, and in it the time in
/// which the key signs. Nobody builds a chain of trust on them.
final class Certificates {

  // RFC 8410 §3.
  private static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Certificates() {}

  static X509Certificate selfSigned(String name, KeyPair keys, Validity validity)
      throws GeneralSecurityException, IOException {
    boolean ed25519 = keys.getPrivate().getAlgorithm().equals("EdDSA");
    ASN1ObjectIdentifier algorithm = ed25519 ? ED25519 : X9ObjectIdentifiers.ecdsa_with_SHA256;
    AlgorithmIdentifier identifier = new AlgorithmIdentifier(algorithm);
    X500Name self = new X500Name("CN=" + name);
    V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
    generator.setSerialNumber(new ASN1Integer(new BigInteger(127, RANDOM)));
    generator.setSignature(identifier);
    generator.setIssuer(self);
    generator.setSubject(self);
    generator.setStartDate(time(validity.from()));
    generator.setEndDate(time(validity.until()));
    generator.setSubjectPublicKeyInfo(
        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
    TBSCertificate unsigned = generator.generateTBSCertificate();
    Signature signature = Signature.getInstance(ed25519 ? "Ed25519" : "SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(unsigned.getEncoded(ASN1Encoding.DER));
    byte[] der =
        new DERSequence(
                new ASN1Encodable[] {unsigned, identifier, new DERBitString(signature.sign())})
            .getEncoded(ASN1Encoding.DER);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  private static Time time(@Nullable Instant at) {
    return new Time(Date.from(at == null ? Validity.NO_END : at));
  }
}
