package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.Credential;
import java.util.Base64;
import java.util.List;

/// What a page hands to `navigator.credentials.get` (W3C WebAuthn Level 3 §5.5,
/// PublicKeyCredentialRequestOptionsJSON). Binary members are base64url without padding.
///
/// @param timeout in milliseconds
/// @param allowCredentials empty: whichever passkey the person picks
public record RequestOptions(
    String challenge,
    String rpId,
    long timeout,
    String userVerification,
    List<Descriptor> allowCredentials) {

  public RequestOptions {
    allowCredentials = List.copyOf(allowCredentials);
  }

  /// A credential of WebAuthn §5.8.3.
  public record Descriptor(String type, String id) {
    static Descriptor of(Credential credential) {
      return new Descriptor("public-key", credential.id());
    }
  }

  static RequestOptions of(byte[] challenge, String rpId, List<Credential> allowed) {
    return new RequestOptions(
        Base64.getUrlEncoder().withoutPadding().encodeToString(challenge),
        rpId,
        WebAuthn.PATIENCE.toMillis(),
        "required",
        allowed.stream().map(Descriptor::of).toList());
  }
}
