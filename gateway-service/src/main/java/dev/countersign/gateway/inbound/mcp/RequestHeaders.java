package dev.countersign.gateway.inbound.mcp;

import jakarta.ws.rs.core.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The headers of a request that Streamable HTTP gives a meaning to.
///
/// @param name decoded, where it came as base64 (2026-07-28, Value Encoding)
record RequestHeaders(
    @Nullable String version,
    @Nullable String method,
    @Nullable String name,
    @Nullable String session,
    @Nullable String traceparent) {

  private static final String ENCODED = "=?base64?";
  private static final String END = "?=";

  static RequestHeaders of(HttpHeaders headers) throws RpcError {
    return new RequestHeaders(
        value(headers, "MCP-Protocol-Version"),
        value(headers, "Mcp-Method"),
        decoded(value(headers, "Mcp-Name")),
        value(headers, McpSession.HEADER),
        value(headers, "traceparent"));
  }

  private static @Nullable String value(HttpHeaders headers, String name) {
    String value = headers.getHeaderString(name);
    return value == null ? null : value.strip();
  }

  private static @Nullable String decoded(@Nullable String value) throws RpcError {
    if (value == null
        || !value.startsWith(ENCODED)
        || !value.endsWith(END)
        || value.length() < ENCODED.length() + END.length()) {
      return value;
    }
    String base64 = value.substring(ENCODED.length(), value.length() - END.length());
    return decode(base64)
        .orElseThrow(() -> RpcError.headerMismatch("Mcp-Name is not valid base64 of UTF-8"));
  }

  private static Optional<String> decode(String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (IllegalArgumentException | CharacterCodingException e) {
      // Whoever reads the header alone would read another name than we do.
      return Optional.empty();
    }
  }
}
