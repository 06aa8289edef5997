package dev.countersign.ticket.domain;

import static dev.countersign.ticket.domain.Samples.BEFORE;
import static dev.countersign.ticket.domain.Samples.DEADLINE;
import static dev.countersign.ticket.domain.Samples.ID;
import static dev.countersign.ticket.domain.Samples.pending;
import static dev.countersign.ticket.domain.Samples.requirement;
import static dev.countersign.ticket.domain.Samples.seats;
import static dev.countersign.ticket.domain.Samples.vote;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/// Every state × command, as `docs/ticket-states.md` says it.
class TicketStatesTest {

  private static final Path TABLE = Path.of("../docs/ticket-states.md");
  private static final Reason REASON = new Reason("code", "Sentence.");
  private static final Vote ALICES =
      new Vote("alice", Answer.APPROVE, Assurance.CODE, Samples.OPENED, null, null, null, null);

  private static final Vote BOBS =
      new Vote("bob", Answer.APPROVE, Assurance.CODE, Samples.OPENED, null, null, null, null);

  private static final Vote LAPSED =
      new Vote(
          "alice",
          Answer.APPROVE,
          Assurance.PASSKEY,
          Samples.OPENED,
          null,
          null,
          null,
          Samples.OPENED.plusSeconds(60));

  /// The command at a time; on the ticket where it needs to say what it saw.
  private interface Given extends BiFunction<Ticket.Pending, Instant, Command> {}

  @Test
  void theTableInTheDocsIsTrue() throws Exception {
    String expected = Files.readString(TABLE);
    String actual = table();
    assertEquals(
        expected.substring(expected.indexOf("| state |")).strip(),
        actual.strip(),
        () -> "docs/ticket-states.md should end with:\n\n" + actual);
  }

  private static String table() {
    StringBuilder table =
        new StringBuilder(
            """
            | state | command | before the deadline | from the deadline on |
            | --- | --- | --- | --- |
            """);
    states()
        .forEach((state, ticket) ->
            commands()
                .forEach((command, given) ->
                    table
                        .append("| ")
                        .append(state)
                        .append(" | ")
                        .append(command)
                        .append(" | ")
                        .append(says(ticket, given, BEFORE))
                        .append(" | ")
                        .append(says(ticket, given, DEADLINE))
                        .append(" |\n")));
    return table.toString();
  }

  private static Map<String, Ticket> states() {
    var two = requirement(Assurance.CODE, seats(2, "finance", "platform"));
    Map<String, Ticket> states = new LinkedHashMap<>();
    states.put("pending, no votes", pending(two));
    states.put("pending, one vote missing", pending(two, ALICES));
    states.put("pending, its one vote lapsed", pending(two, LAPSED));
    states.put("pending, as many votes as needed", pending(two, ALICES, BOBS));
    states.put(
        "pending, one vote needed, nothing to type",
        new Ticket.Pending(ID, 0, Samples.credit("ACME GmbH", "40.00"), List.of()));
    states.put("approved", new Ticket.Approved(ID, BEFORE, REASON, List.of(ALICES)));
    states.put("rejected", new Ticket.Rejected(ID, BEFORE, REASON, "alice"));
    states.put("expired", new Ticket.Expired(ID, DEADLINE, REASON));
    states.put("cancelled", new Ticket.Cancelled(ID, BEFORE, REASON));
    return states;
  }

  private static Map<String, Given> commands() {
    Map<String, Given> commands = new LinkedHashMap<>();
    commands.put("approve", (seen, at) -> vote(seen, "bob", Answer.APPROVE, at));
    commands.put("reject", (seen, at) -> vote(seen, "bob", Answer.REJECT, at));
    commands.put(
        "approve, by one who voted", (seen, at) -> vote(seen, "alice", Answer.APPROVE, at));
    commands.put("reject, by one who voted", (seen, at) -> vote(seen, "alice", Answer.REJECT, at));
    commands.put(
        "approve, by the requester", (seen, at) -> vote(seen, "carol", Answer.APPROVE, at));
    commands.put("reject, by the requester", (seen, at) -> vote(seen, "carol", Answer.REJECT, at));
    commands.put("approve, by a stranger", (seen, at) -> vote(seen, "zoe", Answer.APPROVE, at));
    commands.put(
        "approve, of an older version",
        (seen, at) ->
            changed(vote(seen, "bob", Answer.APPROVE, at), seen.version() - 1, "EUR 48,200.00"));
    commands.put(
        "approve, mistyped",
        (seen, at) -> changed(vote(seen, "bob", Answer.APPROVE, at), seen.version(), "EUR 4,820"));
    commands.put(
        "use of a session's trust",
        (_, at) ->
            new Command.UseTrust(at, Samples.trust(Samples.permission("1000")), Samples.PEOPLE));
    commands.put(
        "approve, of a held session", (seen, at) -> held(vote(seen, "bob", Answer.APPROVE, at)));
    commands.put(
        "reject, of a held session", (seen, at) -> held(vote(seen, "bob", Answer.REJECT, at)));
    commands.put(
        "approve, by a passkey revoked on the way",
        (seen, at) -> Samples.signed(vote(seen, "bob", Answer.APPROVE, at), false));
    commands.put("judge anew", (_, at) -> new Command.Judge(at, Samples.PEOPLE, false));
    commands.put(
        "judge anew, of a held session", (_, at) -> new Command.Judge(at, Samples.PEOPLE, true));
    commands.put("cancel", (_, at) -> new Command.Cancel(at, "billing-bot", null));
    commands.put("put back from a backup", (_, at) -> new Command.Restore(at));
    commands.put("expire", (_, at) -> new Command.Expire(at));
    return commands;
  }

  private static Command changed(Command.Vote vote, int version, String typed) {
    return Samples.command(
        vote.at(),
        vote.approver(),
        vote.assurance(),
        vote.answer(),
        version,
        vote.shown(),
        Map.of(0, typed),
        vote.reason(),
        vote.proof(),
        vote.electorate(),
        vote.brakes());
  }

  private static Command held(Command.Vote vote) {
    return Samples.command(
        vote.at(),
        vote.approver(),
        vote.assurance(),
        vote.answer(),
        vote.version(),
        vote.shown(),
        vote.typed(),
        vote.reason(),
        vote.proof(),
        vote.electorate(),
        new Brakes(true, vote.brakes().pace()));
  }

  private static String says(Ticket ticket, Given given, Instant at) {
    Ticket.Pending seen =
        ticket instanceof Ticket.Pending pending
            ? pending
            : pending(requirement(Assurance.CODE, seats(2, "finance", "platform")));
    return switch (TicketMachine.decide(ticket, given.apply(seen, at))) {
      case Outcome.Counted counted -> "counts: " + counted.votesSoFar() + " of 2";
      case Outcome.Answered answered ->
          "**" + name(answered.ticket()) + "**" + (answered.vote().isPresent() ? ", counts" : "");
      case Outcome.Unchanged _ -> "unchanged";
      case Outcome.Refused refused -> "refused: `" + refused.refusal().code() + "`";
    };
  }

  private static String name(Ticket ticket) {
    return switch (ticket) {
      case Ticket.Pending _ -> "pending";
      case Ticket.Approved _ -> "approved";
      case Ticket.Rejected _ -> "rejected";
      case Ticket.Expired _ -> "expired";
      case Ticket.Cancelled _ -> "cancelled";
    };
  }
}
