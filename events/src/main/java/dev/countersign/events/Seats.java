package dev.countersign.events;

import dev.countersign.events.Requirement.Quorum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/// The seats of a requirement, one per vote that it asks for, and how many of them some people can
/// fill when each takes one only: a maximum matching between people and seats, by augmenting paths.
///
/// Filling seats in the order of arrival would not do: a person of both groups could take the seat
/// that somebody of one group needs.
///
/// @param <P> what a person is to the caller
public final class Seats<P> {

  private static final int FREE = -1;

  private final List<P> people;
  private final Function<? super P, Set<String>> groups;
  private final List<Quorum> seats;
  private final int[] taker;

  private Seats(List<P> people, Function<? super P, Set<String>> groups, Requirement requirement) {
    this.people = people;
    this.groups = groups;
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

  /// As many seats as can be are filled by these people, each one seat.
  ///
  /// @param groups in which a person may answer
  public static <P> Seats<P> filledBy(
      List<P> people, Function<? super P, Set<String>> groups, Requirement requirement) {
    Seats<P> seats = new Seats<>(people, groups, requirement);
    seats.fill();
    return seats;
  }

  /// Those who have a seat.
  public List<P> fillers() {
    return Arrays.stream(taker).filter(it -> it != FREE).<P>mapToObj(people::get).toList();
  }

  /// The seats that stay empty; of a quorum of more people than there are, one at least.
  public List<Quorum> empty() {
    return IntStream.range(0, taker.length)
        .filter(seat -> taker[seat] == FREE)
        .mapToObj(seats::get)
        .toList();
  }

  /// Whether these people fill every seat.
  public static <P> boolean allFilledBy(
      List<P> people, Function<? super P, Set<String>> groups, Requirement requirement) {
    return filledBy(people, groups, requirement).fillers().size() == requirement.votesNeeded();
  }

  /// Whether there is a seat for somebody of these groups.
  public static boolean hasOneFor(Set<String> groups, Requirement requirement) {
    return requirement.quorums().stream().anyMatch(each -> fits(groups, each));
  }

  private static boolean fits(Set<String> groups, Quorum seat) {
    return seat.groups().stream().anyMatch(groups::contains);
  }

  private void fill() {
    for (int person = 0; person < people.size(); person++) {
      seat(person, new boolean[seats.size()]);
    }
  }

  private boolean seat(int person, boolean[] tried) {
    for (int seat = 0; seat < seats.size(); seat++) {
      if (!tried[seat] && fits(groups.apply(people.get(person)), seats.get(seat))) {
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
