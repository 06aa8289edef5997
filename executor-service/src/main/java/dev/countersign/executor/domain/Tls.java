package dev.countersign.executor.domain;

import org.jspecify.annotations.Nullable;

/// How both sides of a TLS connection are known. All files are in the folder of credentials.
///
/// @param identity the certificate that we show where we are asked for one
/// @param trust the file of certificates (PEM) that the target's must be signed by; null for those
///   that the platform trusts
public record Tls(@Nullable Identity identity, @Nullable String trust) {

  public sealed interface Identity {
    /// A PKCS #12 file (RFC 7292), and where its password is.
    record Pkcs12(String file, Credential.Source password) implements Identity {}

    /// A certificate chain and its key (PKCS #8), both PEM.
    record Pem(String certificate, String key) implements Identity {}
  }
}
