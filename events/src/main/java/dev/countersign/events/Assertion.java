package dev.countersign.events;

import java.net.URI;

/// A WebAuthn assertion (W3C WebAuthn Level 3 §6.3.3) with all that it takes to verify it later.
/// Binary members are base64url without padding.
///
/// @param publicKey the credential's key as it was then, as SubjectPublicKeyInfo (RFC 5280 §4.1)
/// @param rpId the relying party's id
/// @param origin the page's origin
/// @param signCountBefore the counter that was on file before, from 0
public record Assertion(
    String authenticatorData,
    String clientDataJSON,
    String signature,
    String credentialId,
    String publicKey,
    String rpId,
    URI origin,
    long signCountBefore) {}
