package dev.countersign.ticket.application;

import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a browser sends after `navigator.credentials.get` (W3C WebAuthn Level 3 §5.1,
/// AuthenticationResponseJSON). Binary members are base64url without padding. Nothing in it is
/// trusted before {@link WebAuthn} has checked it.
///
/// @param id the credential id
public record AssertionResponse(String id, Response response) {

  public record Response(
      String clientDataJSON,
      String authenticatorData,
      String signature,
      @Nullable String userHandle) {
    public Response {
      Objects.requireNonNull(clientDataJSON, "clientDataJSON is missing");
      Objects.requireNonNull(authenticatorData, "authenticatorData is missing");
      Objects.requireNonNull(signature, "signature is missing");
    }
  }

  // What a browser left out arrives as null here, whatever the compiler thinks.
  public AssertionResponse {
    Objects.requireNonNull(id, "id is missing");
    Objects.requireNonNull(response, "response is missing");
  }

  static Optional<AssertionResponse> parse(@Nullable String json) {
    if (json == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          EventJson.read(json.getBytes(StandardCharsets.UTF_8), AssertionResponse.class));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
