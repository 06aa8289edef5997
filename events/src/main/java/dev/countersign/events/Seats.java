package dev.countersign.ticket.domain;

import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Quorum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The seats of a requirement, one per vote that it asks for, and how many of them some people can
/// fill when each takes one only: a maximum matching between people and seats, by augmenting paths.
///
/// Filling seats in the order of arrival would not do: a person of both groups could take the seat
/// that somebody of one group needs.
final class Seats {

  private static final int FREE = -1;

  private final List<Approver> people;
  private final List<Quorum> seats;
  private final int[] taker;

  private Seats(List<Approver> people, Requirement requirement) {
    this.people = people;
    this.seats = new ArrayList<>();
    for (Quorum quorum : requirement.quorums()) {
      // More seats than people are as good as one more: neither can all be filled.
      for (int i = 0; i < Math.min(quorum.count(), people.size() + 1); i++) {
        seats.add(quorum);
      }
    }
    this.taker = new int[seats.size()];
    Arrays.fill(taker, FREE);
  }

  /// Those of these people who have a seat when as many as can be are filled, each one seat.
  static List<Approver> fillers(List<Approver> people, Requirement requirement) {
    Seats seats = new Seats(people, requirement);
    seats.fill();
    return Arrays.stream(seats.taker).filter(it -> it != FREE).mapToObj(people::get).toList();
  }

  /// Whether these people fill every seat.
  static boolean allFilledBy(List<Approver> people, Requirement requirement) {
    return fillers(people, requirement).size() == requirement.votesNeeded();
  }

  static boolean hasOneFor(Approver person, Requirement requirement) {
    return requirement.quorums().stream().anyMatch(each -> fits(person, each));
  }

  private static boolean fits(Approver person, Quorum seat) {
    return seat.groups().stream().anyMatch(person.groups()::contains);
  }

  private void fill() {
    for (int person = 0; person < people.size(); person++) {
      seat(person, new boolean[seats.size()]);
    }
  }

  private boolean seat(int person, boolean[] tried) {
    for (int seat = 0; seat < seats.size(); seat++) {
      if (!tried[seat] && fits(people.get(person), seats.get(seat))) {
        tried[seat] = true;
        if (taker[seat] == FREE || seat(taker[seat], tried)) {
          taker[seat] = person;
          return true;
        }
      }
    }
    return false;
  }
}
