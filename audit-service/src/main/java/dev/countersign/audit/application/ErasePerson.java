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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
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

  /// By person. Who asks again waits for the erasure that is under way, and is given the receipt of
  /// one whose answer nobody waited for, with what is left to erase.
  private final Map<String, Receipt> open = new ConcurrentHashMap<>();

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

  /// Erases what is old enough, now, and to its end also where nobody waits for the answer any
  /// more.
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
    return Uni.createFrom()
        .emitter(answer -> {
          AtomicBoolean gone = new AtomicBoolean();
          answer.onTermination(() -> gone.set(true));
          Receipt receipt = open.compute(key, (_, known) -> join(known, key, reason));
          // Subscribed to here: whoever closes their connection ends nothing.
          receipt
              .underWay()
              .subscribe()
              .with(
                  result -> {
                    boolean given = !gone.get() && result instanceof Result.Done;
                    if (given || receipt.isBlank()) {
                      forget(receipt);
                    } else if (gone.get()) {
                      LOG.warnf(
                          "Nobody waited for an erasure's receipt; who asks again is given it"
                              + " leaves=%s",
                          receipt.leaves());
                    }
                    answer.complete(result);
                  },
                  failure -> {
                    forget(receipt);
                    answer.fail(failure);
                  });
        });
  }

  private Receipt join(@Nullable Receipt known, String key, String reason) {
    Receipt receipt = known == null ? new Receipt(key) : known;
    receipt.begin(() -> erase(receipt, reason));
    return receipt;
  }

  /// Unless somebody asked again meanwhile.
  private void forget(Receipt receipt) {
    open.computeIfPresent(
        receipt.person, (_, known) -> known == receipt && receipt.isAtRest() ? null : known);
  }

  private Uni<Result> erase(Receipt receipt, String reason) {
    return log.size()
        .chain(size -> awaitIndexed(size, 0))
        .chain(indexed ->
            indexed
                ? erase(receipt, reason, MOST_LEAVES)
                    .chain(more -> result(receipt, more))
                    // Leaves stand that nobody could show to be about this person without it.
                    .onFailure(_ -> !receipt.isBlank())
                    .recoverWithItem(failure -> {
                      LOG.warnf(
                          failure,
                          "An erasure ended before it was whole leaves=%s",
                          receipt.leaves());
                      return receipt.done(null, true);
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

  /// Returns whether there is more of the kind that went.
  private Uni<Boolean> erase(Receipt receipt, String reason, int leaves) {
    return Uni.createFrom()
        .deferred(() -> {
          integrity.require();
          return erasures.erase(
              receipt.person,
              atLeast,
              indexes -> new Erasure(Instant.now(), OPERATOR, reason, receipt.named, indexes));
        })
        .chain(erased -> {
          if (erased.leaf() != null) {
            receipt.erased.add(erased);
          }
          boolean more = erased.entries() == Erasures.MOST;
          return more && leaves > 1
              ? erase(receipt, reason, leaves - 1)
              : Uni.createFrom().item(more);
        });
  }

  private Uni<Result> result(Receipt receipt, boolean more) {
    return erasures
        .kept(receipt.person, atLeast)
        .<Result>map(kept -> {
          if (!receipt.isBlank()) {
            return receipt.done(kept, more);
          }
          return kept.entries() > 0 ? new Result.TooYoung(kept) : new Result.Nobody();
        })
        .onFailure(_ -> !receipt.isBlank())
        .recoverWithItem(failure -> {
          LOG.warnf(failure, "What is too young to be erased can't be asked");
          return receipt.done(null, more);
        });
  }

  /// What leaves of one salt say, until somebody has the salt.
  private static final class Receipt {

    private final String person;
    private final String salt;
    private final String named;
    private final List<Erasures.Erased> erased = new CopyOnWriteArrayList<>();
    private Uni<Result> underWay = Uni.createFrom().nothing();
    private boolean atRest = true;

    private Receipt(String person) {
      byte[] bytes = new byte[Salted.SALT_BYTES];
      RANDOM.nextBytes(bytes);
      this.person = person;
      this.salt = HexFormat.of().formatHex(bytes);
      this.named = Salted.payload(bytes, person.getBytes(StandardCharsets.UTF_8));
    }

    /// This, unless one is under way.
    private synchronized void begin(Supplier<Uni<Result>> erasure) {
      if (atRest) {
        atRest = false;
        underWay = erasure.get().onTermination().invoke(this::rest).memoize().indefinitely();
      }
    }

    private synchronized void rest() {
      atRest = true;
    }

    private synchronized boolean isAtRest() {
      return atRest;
    }

    private synchronized Uni<Result> underWay() {
      return underWay;
    }

    private boolean isBlank() {
      return erased.isEmpty();
    }

    private List<Long> leaves() {
      return erased.stream().map(Erasures.Erased::leaf).toList();
    }

    private Result done(Erasures.@Nullable Kept kept, boolean more) {
      long entries = erased.stream().mapToLong(Erasures.Erased::entries).sum();
      return new Result.Done(leaves(), entries, kept, more, salt);
    }
  }
}
