package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Refusal;
import dev.countersign.ticket.domain.TrustWish;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What somebody had filled in when their answer, or what they found, was not taken. It stands in
/// the form that they get in answer, so that they correct it and type nothing twice (WCAG 2.2,
/// 3.3.7).
///
/// @param typed by the position of the field in the prompt, from 0
/// @param unconfirmed whether it was not taken because of what was typed
record Filled(
    Map<Integer, String> typed,
    @Nullable String reason,
    @Nullable TrustWish trust,
    boolean unconfirmed,
    @Nullable Saw saw) {

  /// What somebody had filled in of what they found.
  record Saw(@Nullable String finding, @Nullable String words) {}

  /// A form that nobody has touched.
  static final Filled NOTHING = new Filled(Map.of(), null, null, false, null);

  Filled {
    typed = Map.copyOf(typed);
  }

  static Filled of(CastVote.Ballot ballot) {
    return new Filled(ballot.typed(), ballot.reason(), ballot.trust(), false, null);
  }

  static Filled of(CastVote.Ballot ballot, Refusal refusal) {
    return new Filled(
        ballot.typed(), ballot.reason(), ballot.trust(), refusal == Refusal.NOT_CONFIRMED, null);
  }

  static Filled of(Saw saw) {
    return new Filled(Map.of(), null, null, false, saw);
  }

  /// The positions of the fields in which something else is to be typed.
  Set<Integer> wrong(Question question) {
    return unconfirmed ? question.unconfirmed(typed) : Set.of();
  }
}
