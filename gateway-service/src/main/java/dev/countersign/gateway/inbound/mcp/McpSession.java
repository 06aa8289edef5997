package dev.countersign.gateway.inbound.mcp;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a client of an older revision is given as `Mcp-Session-Id`: a run's id and the client's
/// name, and so all that we would have to remember of it. Any gateway understands it, also after a
/// restart, and it proves nothing.
///
/// @param id of this run of the client
/// @param client as it named itself when it said `initialize`
record McpSession(String id, @Nullable String client) {

  static final String HEADER = "Mcp-Session-Id";
  private static final Pattern FORM =
      Pattern.compile(
          "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\\.([A-Za-z0-9_-]{1,400}))?");

  static McpSession begin(@Nullable String client) {
    return new McpSession(UUID.randomUUID().toString(), client);
  }

  /// Empty where there is none, or none that we gave: then nothing is known of the client.
  static Optional<McpSession> find(@Nullable String header) {
    Matcher matcher = FORM.matcher(header == null ? "" : header);
    return matcher.matches()
        ? Optional.of(new McpSession(matcher.group(1), name(matcher.group(2))))
        : Optional.empty();
  }

  private static @Nullable String name(@Nullable String encoded) {
    try {
      return encoded == null
          ? null
          : new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Not one of ours after all: a client without a name.
      return null;
    }
  }

  /// As it stands in the header.
  @Override
  public String toString() {
    return client == null
        ? id
        : id
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(client.getBytes(StandardCharsets.UTF_8));
  }
}
