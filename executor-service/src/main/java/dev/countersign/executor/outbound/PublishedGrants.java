package dev.countersign.executor.outbound;

import dev.countersign.executor.application.Grants;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.GrantReader;
import dev.countersign.verifier.InvalidGrant;
import dev.countersign.verifier.KeySet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/// Grants as the ticket service's published keys vouch for them.
@ApplicationScoped
class PublishedGrants implements Grants {

  private final GrantKeys keys;
  private final GrantReader reader;

  @Inject
  PublishedGrants(GrantKeys keys) {
    this.keys = keys;
    this.reader = new GrantReader(keys);
  }

  @Override
  public KeySet keySet(String kid) {
    return keys.keySet(kid);
  }

  @Override
  public Grant authentic(String token) throws InvalidGrant {
    return reader.read(token);
  }

  @Override
  public Grant outlived(String token) throws InvalidGrant {
    return keys.outlived(token);
  }
}
