package dev.countersign.audit.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.application.TicketKeys;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.messaging.Neighbour;
import dev.countersign.verifier.KeySet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// The ticket service's key set (RFC 7517), fetched when a `kid` comes that is not in it.
@ApplicationScoped
class FetchedKeys implements TicketKeys {

  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration FRESH = Duration.ofSeconds(2);
  private static final Duration KEPT = Duration.ofSeconds(5);
  private static final int LARGEST = 256 * 1024;

  private final URI location;
  private final Duration kept;
  private final Neighbour ticketService = new Neighbour(PATIENCE, PATIENCE, LARGEST);

  private record Fetched(KeySet set, JsonNode json, long at) {

    boolean isOlderThan(Duration age) {
      return System.nanoTime() - at > age.toNanos();
    }
  }

  private volatile @Nullable Fetched fetched;

  @Inject
  FetchedKeys(@ConfigProperty(name = "countersign.attestation.jwks") URI location) {
    this(location, KEPT);
  }

  /// @param kept how old a set may be that is shown without asking again
  FetchedKeys(URI location, Duration kept) {
    this.location = location;
    this.kept = kept;
  }

  @Override
  public Optional<byte[]> signed(DsseEnvelope attestation) throws IOException {
    if (attestation.signatures().size() != 1) {
      return Optional.empty();
    }
    DsseEnvelope.Signature signature = attestation.signatures().getFirst();
    String kid = signature.keyid();
    if (kid == null) {
      return Optional.empty();
    }
    Fetched known = fetched;
    // A key is served some seconds before it signs: in a set that is fresh, one that is missing is
    // none.
    if (known == null || (!known.set.knows(kid) && known.isOlderThan(FRESH))) {
      known = fetch();
    }
    return known.set.findSigner(attestation, signature);
  }

  @Override
  public JsonNode known() {
    try {
      return mustKnow();
    } catch (IOException e) {
      // They stand in a file for reading; whoever verifies has them from elsewhere.
      return EventJson.tree(Map.of("keys", List.of()));
    }
  }

  @Override
  public JsonNode mustKnow() throws IOException {
    Fetched known = fetched;
    if (known != null && !known.isOlderThan(kept)) {
      return known.json;
    }
    try {
      return fetch().json;
    } catch (IOException e) {
      if (known == null) {
        throw e;
      }
      // A key stays in the set when its time is over: what was signed before is in the one at hand.
      return known.json;
    }
  }

  private Fetched fetch() throws IOException {
    try {
      HttpResponse<byte[]> response = ticketService.await(HttpRequest.newBuilder(location).build());
      if (response.statusCode() != 200) {
        throw new IOException("the ticket service answered " + response.statusCode());
      }
      Fetched now =
          new Fetched(
              KeySet.read(response.body()), EventJson.readTree(response.body()), System.nanoTime());
      fetched = now;
      return now;
    } catch (IllegalArgumentException e) {
      throw new IOException("not the ticket service's key set: " + e.getMessage(), e);
    }
  }
}
