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
import java.util.concurrent.atomic.AtomicInteger;
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

  /// By person. Who asks while an erasure is under way has one of their own behind it; who asks
  /// after one whose answer nobody waited for is given its receipt, with what is left to erase.
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

  /// Erases what is old enough, now: for whoever waits as much as ten leaves say, and all of it
  /// where nobody waits for the answer any more.
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
          Receipt receipt =
              open.compute(key, (_, known) -> (known == null ? new Receipt(key) : known).asked());
          answer.onTermination(() -> {
            gone.set(true);
            receipt.waiting.decrementAndGet();
          });
          // Subscribed to here: whoever closes their connection ends nothing.
          receipt
              .behind(() -> erase(receipt, reason))
              .subscribe()
              .with(
                  result -> {
                    boolean more = true;
                    if (result instanceof Result.Done done) {
                      more = done.more();
                      if (!gone.get()) {
                        receipt.given(done.leaves().size());
                      }
                    }
                    leave(receipt, more);
                    answer.complete(result);
                  },
                  failure -> {
                    leave(receipt, true);
                    answer.fail(failure);
                  });
        });
  }

  /// Forgets what somebody has been given all of, unless somebody asked again meanwhile.
  private void leave(Receipt receipt, boolean more) {
    open.computeIfPresent(
        receipt.person, (_, known) -> known == receipt && receipt.isOver() ? null : known);
    List<Long> owed = receipt.owed();
    if (!owed.isEmpty()) {
      LOG.warnf(
          "An erasure's receipt was given to nobody; who asks again is given it leaves=%s more=%s",
          owed, more);
    }
  }

  private Uni<Result> erase(Receipt receipt, String reason) {
    return log.size()
        .chain(size -> awaitIndexed(size, 0))
        .chain(indexed ->
            indexed
                ? eraseAll(receipt, reason)
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

  /// Ends after so many leaves only where somebody waits: nobody else would ask again. Returns
  /// whether there is more of the kind that went.
  private Uni<Boolean> eraseAll(Receipt receipt, String reason) {
    AtomicInteger leaves = new AtomicInteger();
    return Uni.createFrom()
        .deferred(() -> {
          integrity.require();
          return erasures.erase(
              receipt.person,
              atLeast,
              indexes -> new Erasure(Instant.now(), OPERATOR, reason, receipt.named, indexes));
        })
        .invoke(erased -> {
          if (erased.leaf() != null) {
            receipt.erased.add(erased);
          }
        })
        .repeat()
        .whilst(erased ->
            isMore(erased)
                && (leaves.incrementAndGet() < MOST_LEAVES || receipt.waiting.get() == 0))
        .collect()
        .last()
        .map(ErasePerson::isMore);
  }

  private static boolean isMore(Erasures.Erased erased) {
    return erased.entries() == Erasures.MOST;
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
    private final AtomicInteger waiting = new AtomicInteger();
    private Uni<?> last = Uni.createFrom().voidItem();
    private int underWay;
    private int given;

    private Receipt(String person) {
      byte[] bytes = new byte[Salted.SALT_BYTES];
      RANDOM.nextBytes(bytes);
      this.person = person;
      this.salt = HexFormat.of().formatHex(bytes);
      this.named = Salted.payload(bytes, person.getBytes(StandardCharsets.UTF_8));
    }

    private synchronized Receipt asked() {
      waiting.incrementAndGet();
      underWay++;
      return this;
    }

    /// This, once those have ended that were asked for before: they may not see any more what was
    /// logged before this question.
    private synchronized Uni<Result> behind(Supplier<Uni<Result>> erasure) {
      Uni<Result> next =
          last.onItemOrFailure()
              .transformToUni((_, _) -> erasure.get())
              .onTermination()
              .invoke(this::ended)
              .memoize()
              .indefinitely();
      last = next;
      return next;
    }

    private synchronized void ended() {
      underWay--;
      if (underWay == 0) {
        last = Uni.createFrom().voidItem();
      }
    }

    /// So many leaves, the first of them.
    private synchronized void given(int leaves) {
      given = Math.max(given, leaves);
    }

    private synchronized boolean isOver() {
      return underWay == 0 && given == erased.size();
    }

    /// The leaves that nobody was given, nor will be before somebody asks again.
    private synchronized List<Long> owed() {
      return underWay == 0 ? leaves().subList(given, erased.size()) : List.of();
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
