package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Hold;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Brakes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Says what holds an approval back.
@ApplicationScoped
class BrakesView {

  private final Roster roster;
  private final Pages pages;

  @Inject
  BrakesView(Roster roster, Pages pages) {
    this.roster = roster;
    this.pages = pages;
  }

  /// @param held who holds the session, and since when
  /// @param pause why an approval waits, and until when
  /// @param opens when that is, in milliseconds since 1970 by the database's clock
  record Shown(@Nullable String held, @Nullable String pause, @Nullable Long opens) {}

  Shown of(Docket docket, String approver, Brakes brakes) {
    AttentionWords words = pages.words(AttentionWords.class);
    Moments moments = pages.moments(approver);
    Instant opens =
        docket.standing() == Standing.PENDING
            ? brakes.pace().opens(docket.now()).orElse(null)
            : null;
    return new Shown(
        held(docket, approver),
        opens == null ? null : words.pause(moments.second(opens)),
        // No earlier than the server lets it.
        opens == null ? null : opens.toEpochMilli() + 1);
  }

  /// Who holds the session that asks, and since when; absent where nobody does.
  @Nullable String held(Docket docket, String approver) {
    Hold hold = docket.hold();
    return hold == null
        ? null
        : pages
            .words(AttentionWords.class)
            .held(roster.name(hold.by()), pages.moments(approver).at(hold.at()));
  }
}
