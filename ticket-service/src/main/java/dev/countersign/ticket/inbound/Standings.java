package dev.countersign.ticket.inbound;

import dev.countersign.events.Answer;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Vote;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/// Says how an action stands, in the reader's language.
@ApplicationScoped
class Standings {

  private final Roster roster;
  private final Pages pages;

  @Inject
  Standings(Roster roster, Pages pages) {
    this.roster = roster;
    this.pages = pages;
  }

  /// Without a name.
  String of(Standing standing) {
    DecideWords words = pages.words(DecideWords.class);
    return switch (standing) {
      case PENDING -> words.pending();
      case APPROVED -> words.approved();
      case REJECTED -> words.rejected();
      case EXPIRED -> words.expired();
      case CANCELLED, CANCEL_FIRST -> words.cancelled();
      case DENIED -> words.denied();
      case REFUSED -> words.refused();
    };
  }

  /// With the names of those who answered.
  String withNames(Docket docket) {
    DecideWords words = pages.words(DecideWords.class);
    String decidedBy = docket.decidedBy();
    return switch (docket.standing()) {
      case APPROVED ->
          docket.trust() == null
              ? approved(words, docket.votes())
              : pages.words(TrustWords.class).approvedByTrust();
      case REJECTED ->
          decidedBy == null ? words.rejected() : words.rejectedBy(roster.name(decidedBy));
      case PENDING, EXPIRED, CANCELLED, CANCEL_FIRST, DENIED, REFUSED -> of(docket.standing());
    };
  }

  private String approved(DecideWords words, List<Vote> votes) {
    Words common = pages.words(Words.class);
    return votes.stream()
        .filter(vote -> vote.stands() && vote.answer() == Answer.APPROVE)
        .map(vote -> roster.name(vote.approver()))
        .reduce(common::and)
        .map(words::approvedBy)
        .orElseGet(words::approvedByPolicy);
  }
}
