package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is known of the tools of one MCP server.
///
/// @param seenAt when it last said what it has; null where it has not yet
/// @param offers what it said then, in its order, each name once
/// @param leftOut a sentence for each that can't be let through
/// @param problem why it could not be asked the last time; null where it could
public record Listing(
    @Nullable Instant seenAt, List<Offer> offers, List<String> leftOut, @Nullable String problem) {

  /// Nothing is known yet.
  public static final Listing NONE = new Listing(null, List.of(), List.of(), null);

  public Listing {
    offers = List.copyOf(offers);
    leftOut = List.copyOf(leftOut);
  }

  /// What a server listed. What has no name of its own, or can't be pinned, is left out.
  public static Listing of(List<JsonNode> tools, Instant seenAt) {
    List<Offer> offers = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<String> twice = new HashSet<>();
    for (JsonNode tool : tools) {
      try {
        Offer offer = Offer.of(tool);
        offers.add(offer);
        if (!names.add(offer.name()) && twice.add(offer.name())) {
          leftOut.add(offer.name() + " is listed twice, so nobody can say which one is called");
        }
      } catch (IllegalArgumentException e) {
        leftOut.add(String.valueOf(e.getMessage()));
      }
    }
    offers.removeIf(each -> twice.contains(each.name()));
    return new Listing(seenAt, offers, leftOut, null);
  }

  /// The same, with the reason why it is not newer.
  public Listing still(String why) {
    return new Listing(seenAt, offers, leftOut, why);
  }

  public Optional<Offer> find(String name) {
    return offers.stream().filter(each -> each.name().equals(name)).findFirst();
  }
}
