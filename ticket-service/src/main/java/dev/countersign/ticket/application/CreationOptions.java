package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.Credential;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/// What a page hands to `navigator.credentials.create` (W3C WebAuthn Level 3 §5.4,
/// PublicKeyCredentialCreationOptionsJSON). Binary members are base64url without padding.
///
/// @param timeout in milliseconds
/// @param excludeCredentials those that they hold already: one device, one passkey
public record CreationOptions(
    String challenge,
    RelyingParty rp,
    User user,
    List<Parameter> pubKeyCredParams,
    long timeout,
    List<RequestOptions.Descriptor> excludeCredentials,
    Selection authenticatorSelection,
    String attestation) {

  public CreationOptions {
    pubKeyCredParams = List.copyOf(pubKeyCredParams);
    excludeCredentials = List.copyOf(excludeCredentials);
  }

  public record RelyingParty(String id, String name) {}

  public record User(String id, String name, String displayName) {}

  /// An algorithm, by its COSE number.
  public record Parameter(String type, int alg) {}

  public record Selection(
      String residentKey, boolean requireResidentKey, String userVerification) {}

  private static final List<Parameter> ALGORITHMS =
      WebAuthn.ALGORITHMS.stream().map(each -> new Parameter("public-key", each)).toList();

  static CreationOptions of(
      String nonce, String rpId, Roster.Person person, List<Credential> held) {
    return new CreationOptions(
        nonce,
        new RelyingParty(rpId, "Countersign"),
        new User(userHandle(person.id()), person.mail(), person.name()),
        ALGORITHMS,
        WebAuthn.PATIENCE.toMillis(),
        held.stream().map(RequestOptions.Descriptor::of).toList(),
        new Selection("required", true, "required"),
        "none");
  }

  /// The same for all passkeys of a person, and nothing that a device could tell about them
  /// (WebAuthn §14.6.1).
  private static String userHandle(String approver) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("countersign-user/v1\0" + approver).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
