package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.RunConnector;
import dev.countersign.messaging.Laggards;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Reads how the targets stand while prompts are made, so that people are shown it and the effect
/// can be held against it. The executor does it because it alone has the credentials, and because
/// only what was read in the same way can be compared. Whoever asks judges others in the same
/// batch: a target that hangs is waited for once.
@ApplicationScoped
public class ReadPreconditions {

  // Of 500 requests to targets, the last are done within two readings' time, however slow all are.
  private static final int AT_ONCE = 250;
  private static final Reading HANGS =
      new Reading.Unread(
          new Reason(
              "precondition-unreadable",
              "What it rests on can't be read: its target let us wait in vain a while ago, and has"
                  + " not been heard of since. It is asked again now; propose the action anew in half"
                  + " a minute."));

  /// Which call is about to be asked about.
  public record Asked(Tool tool, JsonNode parameters) {}

  private final OpenConnectors connectors;
  private final Readings readings;
  // By entry of connectors.yaml. By host, one slow resource would close all tools behind a proxy.
  private final Laggards<Tool> hanging;

  @Inject
  ReadPreconditions(
      OpenConnectors connectors,
      Readings readings,
      @ConfigProperty(name = "countersign.executor.hanging-target") Duration atLeast) {
    this.connectors = connectors;
    this.readings = readings;
    this.hanging = new Laggards<>(atLeast);
  }

  /// What each of these rests on, in their order; at least one.
  public Uni<List<Reading>> read(List<Asked> asked, @Nullable String traceparent) {
    return Multi.createFrom()
        .iterable(parts(asked))
        .onItem()
        .transformToUniAndConcatenate(part ->
            Uni.join()
                .all(part.stream().map(each -> read(each, traceparent)).toList())
                .andFailFast())
        .onItem()
        .<Reading>disjoint()
        .collect()
        .asList();
  }

  /// One after the other, each of as many as may be read at once.
  private List<List<Asked>> parts(List<Asked> asked) {
    List<List<Asked>> parts = new ArrayList<>();
    int room = 0;
    for (Asked each : asked) {
      int requests =
          connectors.current().findRun(each.tool).map(it -> it.preconditions().size()).orElse(0);
      if (parts.isEmpty() || requests > room) {
        parts.add(new ArrayList<>());
        room = AT_ONCE;
      }
      parts.getLast().add(each);
      room -= requests;
    }
    return parts;
  }

  private Uni<Reading> read(Asked asked, @Nullable String traceparent) {
    Connectors current = connectors.current();
    return current
        .find(asked.tool)
        .map(connector ->
            switch (connector) {
              case DelegatedConnector _ -> Uni.createFrom().item(Reading.NOTHING);
              case RunConnector it ->
                  hanging.ask(
                      current.entry(asked.tool),
                      readings.read(it, asked.parameters, traceparent),
                      Reading.Unread.class::isInstance,
                      HANGS);
            })
        .orElseGet(() -> Uni.createFrom().item(noConnector(asked.tool)));
  }

  private static Reading noConnector(Tool tool) {
    return new Reading.Unread(
        new Reason("no-connector", "No connector runs " + tool + "; add it to connectors.yaml."));
  }
}
