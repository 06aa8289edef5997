package dev.countersign.ticket.domain;

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
    String id, String attested, String publicKey, long signCount, boolean backupEligible) {}
