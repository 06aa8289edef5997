package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.PublicKeys;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.Map;

/// The keys that grants are verified with.
@Path("/.well-known/jwks.json")
public class KeysResource {

  private final PublicKeys keys;

  @Inject
  KeysResource(PublicKeys keys) {
    this.keys = keys;
  }

  @GET
  @Produces("application/json")
  public Map<String, Object> keys() {
    return keys.jwks();
  }
}
