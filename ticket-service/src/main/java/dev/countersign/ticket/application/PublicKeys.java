package dev.countersign.ticket.application;

import java.util.Map;

/// The public keys of this service.
public interface PublicKeys {

  /// A JWK set (RFC 7517 §5); `role` says what each key signs.
  Map<String, Object> jwks();
}
