package dev.countersign.ticket.outbound;

import dev.countersign.messaging.Unavailable;
import dev.countersign.ticket.application.PublicKeys;
import dev.countersign.ticket.application.Signer;
import io.quarkus.arc.DefaultBean;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Signs with the keys of a {@link KeyStoreFile}, and looks once a second at most whether they were
/// rotated, or the time of one is over. A store that can no longer be read leaves those in force
/// that were.
@ApplicationScoped
@DefaultBean
class KeyStoreSigner implements Signer, PublicKeys {

  private static final Logger LOG = Logger.getLogger(KeyStoreSigner.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private static final Duration BETWEEN_TRIES = Duration.ofHours(1);

  private final KeyStoreFile file;
  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final InstantSource clock;

  private KeyRing ring;
  private KeyStoreFile.Version version;
  private long lookedAt;
  private Instant triedAt;

  @Inject
  KeyStoreSigner(
      @ConfigProperty(name = "countersign.state", defaultValue = ".countersign") Path state,
      @ConfigProperty(name = "countersign.keys.password") Optional<String> password,
      @ConfigProperty(name = "countersign.keys.password-file") Optional<Path> passwordFile,
      Vertx vertx)
      throws IOException {
    this(
        KeyStoreFile.in(state, password.orElse(null), passwordFile.orElse(null)),
        vertx,
        System::nanoTime,
        Clock.systemUTC());
  }

  KeyStoreSigner(KeyStoreFile file, Vertx vertx, LongSupplier nanoTime, InstantSource clock)
      throws IOException {
    this.file = file;
    this.vertx = vertx;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.triedAt = Instant.MIN;
    this.ring = file.readOrMake(clock.instant());
    this.version = file.version();
    this.lookedAt = nanoTime.getAsLong();
    file.publish(ring);
  }

  /// A service that can't sign does not start, rather than fail at the first vote.
  void onStart(@Observes StartupEvent event) {
    LOG.infof("Signing keys ready count=%d", ring().keys().size());
  }

  private synchronized KeyRing ring() {
    long now = nanoTime.getAsLong();
    if (now - lookedAt >= BETWEEN_LOOKS.toNanos()) {
      lookedAt = now;
      retire();
      try {
        KeyStoreFile.Version found = file.version();
        if (!found.equals(version)) {
          ring = file.read();
          version = found;
          file.publish(ring);
          LOG.infof("Signing keys read anew count=%d", ring.keys().size());
        }
      } catch (IOException e) {
        LOG.errorf(
            "Signing keys could not be read; those known stay in force cause=%s", e.toString());
      }
    }
    return ring;
  }

  // A store that this service may read and not write stays as it is: rotate-keys does it then.
  private void retire() {
    Instant now = clock.instant();
    if (!ring.hasOver(now) || now.isBefore(triedAt.plus(BETWEEN_TRIES))) {
      return;
    }
    triedAt = now;
    try {
      file.retire(now);
      LOG.infof("Signing keys retired");
    } catch (IOException e) {
      LOG.warnf("Signing keys whose time is over could not be retired cause=%s", e.toString());
    }
  }

  @Override
  public Map<String, Object> jwks() {
    return ring().jwks();
  }

  @Override
  public String kid(Role role, Instant at) {
    return ring()
        .inForce(role, at)
        .map(SigningKey::kid)
        .orElseThrow(
            () -> new Unavailable("no key of the role " + role.word() + " is in force at " + at));
  }

  @Override
  public Uni<List<byte[]>> sign(List<Order> orders) {
    return vertx.executeBlocking(
        () -> {
          KeyRing keys = ring();
          List<byte[]> signatures = new ArrayList<>(orders.size());
          for (Order each : orders) {
            signatures.add(
                keys.find(each.kid())
                    .orElseThrow(() -> new Unavailable("there is no key " + each.kid()))
                    .sign(each.message()));
          }
          return signatures;
        },
        false);
  }
}
