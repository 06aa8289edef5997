package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.DsseEnvelope;
import java.io.IOException;
import java.util.Optional;

/// The ticket service's public keys.
public interface TicketKeys {

  /// The public key (SPKI) that signed this attestation; empty where the ticket service has none
  /// that did. Throws where its keys can't be had. It may block.
  Optional<byte[]> signed(DsseEnvelope attestation) throws IOException;

  /// The key set as it was fetched last; an empty one before.
  JsonNode known();

  /// As above, where there was one. Throws where its keys can't be had and never could.
  JsonNode mustKnow() throws IOException;
}
