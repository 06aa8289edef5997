package dev.countersign.ticket.outbound;

import dev.countersign.messaging.Unavailable;
import dev.countersign.ticket.application.Signer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;

/// A signer beside the embedded one, as a KMS would be: its bean takes the place of the other, and
/// it may be away.
@ApplicationScoped
public class BreakableSigner implements Signer {

  private final KeyStoreSigner keys;
  private volatile boolean away;

  @Inject
  BreakableSigner(KeyStoreSigner keys) {
    this.keys = keys;
  }

  public void setAway(boolean away) {
    this.away = away;
  }

  @Override
  public String kid(Role role, Instant at) {
    return keys.kid(role, at);
  }

  @Override
  public Uni<List<byte[]>> sign(List<Order> orders) {
    return away
        ? Uni.createFrom().failure(new Unavailable("the KMS does not answer"))
        : keys.sign(orders);
  }
}
