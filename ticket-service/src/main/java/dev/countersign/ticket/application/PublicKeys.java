package dev.countersign.ticket.application;

import java.util.Map;

/// The public keys of this service, those of before among them.
public interface PublicKeys {

  /// A JWK set (RFC 7517 §5). `role` says what each key signs, `validFor` (`from`, `until` where it
  /// has an end) when. It may block for a moment.
  Map<String, Object> jwks();
}
