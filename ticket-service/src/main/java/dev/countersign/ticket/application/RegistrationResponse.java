package dev.countersign.ticket.application;

import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a browser sends after `navigator.credentials.create` (W3C WebAuthn Level 3 §5.1,
/// RegistrationResponseJSON). Binary members are base64url without padding. Nothing in it is
/// trusted before {@link WebAuthn} has checked it.
public record RegistrationResponse(Response response) {

  public record Response(String clientDataJSON, String attestationObject) {
    public Response {
      Objects.requireNonNull(clientDataJSON, "clientDataJSON is missing");
      Objects.requireNonNull(attestationObject, "attestationObject is missing");
    }
  }

  // What a browser left out arrives as null here, whatever the compiler thinks.
  public RegistrationResponse {
    Objects.requireNonNull(response, "response is missing");
  }

  static Optional<RegistrationResponse> parse(@Nullable String json) {
    if (json == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          EventJson.read(json.getBytes(StandardCharsets.UTF_8), RegistrationResponse.class));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
