package dev.countersign.audit.application;

import dev.countersign.audit.domain.Erasure;
import dev.countersign.audit.domain.Names;
import dev.countersign.verifier.Salted;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Erases what the log holds of a person: the contents of every entry that mentions them. Leaves
/// and proofs stay. What policy has kept for a time stays as long.
///
/// The log says of whom by an HMAC whose salt it does not have: who asked is given it, and can show
/// with it that the leaf is about this person. Nobody else can.
@ApplicationScoped
public class ErasePerson {

  private static final Logger LOG = Logger.getLogger(ErasePerson.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String OPERATOR = "operator";
  private static final int MOST_LEAVES = 10;
  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final int MOST_WAITS = 300;

  private final Erasures erasures;
  private final Log log;
  private final Integrity integrity;
  private final String atLeast;

  @Inject
  ErasePerson(
      Erasures erasures,
      Log log,
      Integrity integrity,
      @ConfigProperty(name = "countersign.log.keep-at-least") String atLeast) {
    this.erasures = erasures;
    this.log = log;
    this.integrity = integrity;
    this.atLeast = Age.checked("countersign.log.keep-at-least", atLeast);
  }

  /// What came of it.
  public sealed interface Result {

    /// All or some of it went.
    ///
    /// @param leaves of the log, which say so
    /// @param entries whose contents are gone
    /// @param kept what is too young; absent where that could not be asked any more
    /// @param more whether there is more of the kind that went: ask again
    /// @param salt hex, for whoever asked
    record Done(
        List<Long> leaves, long entries, Erasures.@Nullable Kept kept, boolean more, String salt)
        implements Result {}

    /// No entry mentions them.
    record Nobody() implements Result {}

    /// All that mentions them is too young.
    record TooYoung(Erasures.Kept kept) implements Result {}

    /// The reason is not a code, or names the person.
    record NoReason() implements Result {}

    /// What was logged last has not been indexed yet.
    record NotIndexed() implements Result {}
  }

  /// Erases what is old enough, now.
  ///
  /// @param person as they are written in approvers.yaml or in proposals
  public Uni<Result> erase(String person, String reason) {
    String key = Names.key(person);
    if (key.isBlank()) {
      return Uni.createFrom().item(new Result.Nobody());
    }
    if (!Erasure.isCode(reason) || Erasure.names(reason, key)) {
      return Uni.createFrom().item(new Result.NoReason());
    }
    byte[] salt = new byte[Salted.SALT_BYTES];
    RANDOM.nextBytes(salt);
    String receipt = HexFormat.of().formatHex(salt);
    List<Erasures.Erased> done = new ArrayList<>();
    String named = Salted.payload(salt, key.getBytes(StandardCharsets.UTF_8));
    return log.size()
        .chain(size -> awaitIndexed(size, 0))
        .chain(indexed ->
            indexed
                ? erase(key, reason, named, done)
                    .chain(_ -> result(key, done, receipt))
                    // Leaves stand that nobody could show to be about this person without it.
                    .onFailure(_ -> !done.isEmpty())
                    .recoverWithItem(failure -> {
                      LOG.warnf(
                          failure, "An erasure ended before it was whole leaves=%d", done.size());
                      return done(done, null, true, receipt);
                    })
                : Uni.createFrom().item(new Result.NotIndexed()));
  }

  private Uni<Boolean> awaitIndexed(long size, int waits) {
    return erasures
        .indexed()
        .chain(indexed -> {
          if (indexed >= size || waits == MOST_WAITS) {
            return Uni.createFrom().item(indexed >= size);
          }
          return Uni.createFrom()
              .voidItem()
              .onItem()
              .delayIt()
              .by(BETWEEN)
              .chain(() -> awaitIndexed(size, waits + 1));
        });
  }

  private Uni<List<Erasures.Erased>> erase(
      String key, String reason, String named, List<Erasures.Erased> done) {
    return Uni.createFrom()
        .deferred(() -> {
          integrity.require();
          return erasures.erase(
              key,
              atLeast,
              indexes -> new Erasure(Instant.now(), OPERATOR, reason, named, indexes));
        })
        .chain(erased -> {
          if (erased.leaf() != null) {
            done.add(erased);
          }
          return erased.entries() < Erasures.MOST || done.size() == MOST_LEAVES
              ? Uni.createFrom().item(done)
              : erase(key, reason, named, done);
        });
  }

  private Uni<Result> result(String key, List<Erasures.Erased> done, String salt) {
    boolean more = entries(done) == (long) MOST_LEAVES * Erasures.MOST;
    return erasures
        .kept(key, atLeast)
        .<Result>map(kept -> {
          if (!done.isEmpty()) {
            return done(done, kept, more, salt);
          }
          return kept.entries() > 0 ? new Result.TooYoung(kept) : new Result.Nobody();
        })
        .onFailure(_ -> !done.isEmpty())
        .recoverWithItem(failure -> {
          LOG.warnf(failure, "What is too young to be erased can't be asked");
          return done(done, null, more, salt);
        });
  }

  private static Result done(
      List<Erasures.Erased> done, Erasures.@Nullable Kept kept, boolean more, String salt) {
    List<Long> leaves = done.stream().map(Erasures.Erased::leaf).toList();
    return new Result.Done(leaves, entries(done), kept, more, salt);
  }

  private static long entries(List<Erasures.Erased> done) {
    return done.stream().mapToLong(Erasures.Erased::entries).sum();
  }
}
