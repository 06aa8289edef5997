package dev.countersign.audit.application;

import dev.countersign.audit.domain.Erasure;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Contents that go, each time with the leaf that says so, in one transaction with it.
public interface Erasures {

  /// At most so many entries go with one leaf.
  int MOST = 1_000;

  /// What was done in one transaction.
  ///
  /// @param leaf the place of the leaf that says so; absent where nothing was left to erase
  record Erased(@Nullable Long leaf, int entries) {}

  /// What was done about entries by their age in one transaction.
  ///
  /// @param passed how many were old enough, with those whose contents were gone before
  record Aged(Erased erased, int passed) {}

  /// What stays because it is too young.
  ///
  /// @param until when the last of it is old enough
  record Kept(long entries, @Nullable Instant until) {}

  /// How far the index follows the log: what it has not seen is not found.
  Uni<Long> indexed();

  /// Erases the next entries that mention a person, and takes what they said out of the index.
  ///
  /// @param person by `Names.key`
  /// @param atLeast how old they must be, as ISO 8601 has it
  Uni<Erased> erase(String person, String atLeast, Function<List<Long>, Erasure> leaf);

  /// Goes on to the next entries that are older than this, and erases what is left of them.
  Uni<Aged> eraseOlder(String than, Function<List<Long>, Erasure> leaf);

  /// What mentions a person and is too young.
  Uni<Kept> kept(String person, String atLeast);
}
