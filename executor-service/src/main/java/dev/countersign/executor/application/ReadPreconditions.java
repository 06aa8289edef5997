package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.RunConnector;
import dev.countersign.messaging.Laggards;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Reads how the targets stand while prompts are made, so that people are shown it and the effect
/// can be held against it. The executor does it because it alone has the credentials, and because
/// only what was read in the same way can be compared. Whoever asks judges others in the same
/// batch: a target that hangs is waited for once.
@ApplicationScoped
public class ReadPreconditions {

  // Requests to targets, of one batch.
  private static final int AT_ONCE = 250;
  // With the five seconds that a reading may take, and some for what waits to be parsed, less than
  // the fifteen that policy waits: it would ask for all of it again, and nobody behind be judged.
  private static final Duration TO_BEGIN = Duration.ofSeconds(6);
  private static final Reading HANGS =
      new Reading.Unread(
          new Reason(
              "precondition-unreadable",
              "What it rests on can't be read: its target let us wait in vain a while ago, and has"
                  + " not been heard of since. It is asked again now; propose the action anew in half"
                  + " a minute."),
          false);
  private static final Reading TOO_MUCH =
      new Reading.Unread(
          new Reason(
              "precondition-unreadable",
              "What it rests on was not read, for too much was to be read at once. Propose the action"
                  + " anew."),
          true);

  /// Which call is about to be asked about.
  public record Asked(Tool tool, JsonNode parameters) {}

  private final OpenConnectors connectors;
  private final Readings readings;
  // By entry of connectors.yaml. By host, one slow resource would close all tools behind a proxy.
  private final Laggards<Tool> hanging;
  private final LongSupplier nanoTime;

  @Inject
  ReadPreconditions(
      OpenConnectors connectors,
      Readings readings,
      @ConfigProperty(name = "countersign.executor.hanging-target") Duration atLeast) {
    this(connectors, readings, atLeast, System::nanoTime);
  }

  ReadPreconditions(
      OpenConnectors connectors, Readings readings, Duration atLeast, LongSupplier nanoTime) {
    this.connectors = connectors;
    this.readings = readings;
    this.hanging = new Laggards<>(atLeast);
    this.nanoTime = nanoTime;
  }

  /// What each of these rests on, in their order; at least one.
  public Uni<List<Reading>> read(List<Asked> asked, @Nullable String traceparent) {
    return Uni.createFrom().deferred(() -> new Batch(asked, traceparent).read());
  }

  /// What is read together: the next is begun as places get free, until its time is over.
  private final class Batch {

    private final List<Asked> asked;
    private final @Nullable String traceparent;
    private final List<CompletableFuture<Reading>> found;
    private final long since = nanoTime.getAsLong();
    private int begun;
    private int free = AT_ONCE;
    private boolean beginning;

    Batch(List<Asked> asked, @Nullable String traceparent) {
      this.asked = asked;
      this.traceparent = traceparent;
      this.found = Stream.generate(CompletableFuture<Reading>::new).limit(asked.size()).toList();
    }

    Uni<List<Reading>> read() {
      goOn(0);
      return Uni.join()
          .all(found.stream().map(each -> Uni.createFrom().completionStage(each)).toList())
          .andFailFast();
    }

    private synchronized void goOn(int freed) {
      free += freed;
      if (beginning) {
        // What was begun below was over at once.
        return;
      }
      beginning = true;
      try {
        while (begun < asked.size() && begin(asked.get(begun), found.get(begun))) {
          begun++;
        }
      } finally {
        beginning = false;
      }
    }

    private boolean begin(Asked each, CompletableFuture<Reading> answer) {
      int requests =
          connectors.current().findRun(each.tool).map(it -> it.preconditions().size()).orElse(0);
      if (requests > 0 && nanoTime.getAsLong() - since > TO_BEGIN.toNanos()) {
        answer.complete(TOO_MUCH);
        return true;
      }
      // Of more than all places together, none would ever be begun.
      if (requests > free && free < AT_ONCE) {
        return false;
      }
      free -= requests;
      ReadPreconditions.this
          .read(each, traceparent)
          .onTermination()
          .invoke(() -> goOn(requests))
          .subscribe()
          .with(answer::complete, answer::completeExceptionally);
      return true;
    }
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
                      reading -> reading instanceof Reading.Unread no && !no.crowded(),
                      HANGS);
            })
        .orElseGet(() -> Uni.createFrom().item(noConnector(asked.tool)));
  }

  private static Reading noConnector(Tool tool) {
    return new Reading.Unread(
        new Reason("no-connector", "No connector runs " + tool + "; add it to connectors.yaml."),
        false);
  }
}
