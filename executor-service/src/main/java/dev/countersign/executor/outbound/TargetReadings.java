package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Readings;
import dev.countersign.executor.domain.Found;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.KafkaConnector;
import dev.countersign.executor.domain.LiftConnector;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Probe;
import dev.countersign.executor.domain.ProbeAnswer;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.RunConnector;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Reads targets the one way out over HTTP: no other host, no address inside, no redirect, and no
/// more than a bound of time and size, each of them and all together: whoever proposes says how
/// many there are. What is read right before effects has memory and a parser of its own, which no
/// proposal takes; connections they share.
@ApplicationScoped
class TargetReadings implements Readings {

  private static final int LARGEST = 1024 * 1024;
  private static final int LARGEST_TOGETHER = 16 * LARGEST;
  // A tree is many times as large as its text.
  private static final int PARSED_AT_ONCE = 2;

  /// What readings share.
  ///
  /// @param bytes of bodies that all of them may hold together
  private record Room(Semaphore bytes, WorkerExecutor parsing) {}

  private final AuthorizedHttp http;
  private final Room forPrompts;
  private final Room forEffects;

  @Inject
  TargetReadings(AuthorizedHttp http, Vertx vertx) {
    this(http, vertx, new Semaphore(LARGEST_TOGETHER), new Semaphore(LARGEST_TOGETHER));
  }

  /// @param forPrompts the bytes of bodies that all readings for prompts may hold together
  /// @param forEffects those that all readings right before effects may
  TargetReadings(AuthorizedHttp http, Vertx vertx, Semaphore forPrompts, Semaphore forEffects) {
    this.http = http;
    this.forPrompts =
        new Room(forPrompts, vertx.createSharedWorkerExecutor("readings", PARSED_AT_ONCE));
    this.forEffects =
        new Room(forEffects, vertx.createSharedWorkerExecutor("last-readings", PARSED_AT_ONCE));
  }

  @Override
  public Uni<Reading> read(
      RunConnector connector, JsonNode parameters, @Nullable String traceparent) {
    return read(connector, parameters, traceparent, forPrompts);
  }

  /// The same, right before an effect.
  Uni<Reading> readLast(RunConnector connector, JsonNode parameters, @Nullable String traceparent) {
    return read(connector, parameters, traceparent, forEffects);
  }

  private Uni<Reading> read(
      RunConnector connector, JsonNode parameters, @Nullable String traceparent, Room room) {
    return switch (connector) {
      case HttpConnector it -> read(it.preconditions(), it.reach(), parameters, traceparent, room);
      case McpConnector it -> read(it.preconditions(), it.reach(), parameters, traceparent, room);
      case StdioConnector _, KafkaConnector _, LiftConnector _ ->
          Uni.createFrom().item(Reading.NOTHING);
    };
  }

  private Uni<Reading> read(
      List<Probe> probes,
      Reach reach,
      JsonNode parameters,
      @Nullable String traceparent,
      Room room) {
    if (probes.isEmpty()) {
      return Uni.createFrom().item(Reading.NOTHING);
    }
    return Uni.join()
        .all(probes.stream().map(each -> read(each, reach, parameters, traceparent, room)).toList())
        .andFailFast()
        .map(Reading::of);
  }

  private Uni<Found> read(
      Probe probe, Reach reach, JsonNode parameters, @Nullable String traceparent, Room room) {
    return Uni.createFrom()
        .deferred(() -> {
          KeptBody body = new KeptBody(LARGEST, room.bytes);
          return Uni.createFrom()
              .completionStage(() ->
                  http.exchange(
                          () ->
                              probe.call(parameters).with("traceparent", Trace.orNew(traceparent)),
                          reach,
                          probe.timeout(),
                          probe.readsBody() ? body : new IgnoredBody(LARGEST))
                      .toCompletionStage())
              .map(Optional::of)
              // Names, tokens and connections take time that the exchange does not count. Waiting
              // for others' answers to be parsed is not the target's fault.
              .ifNoItem()
              .after(probe.timeout())
              .recoverWithItem(Optional.empty())
              .chain(exchanged -> found(probe, exchanged, body, room))
              .onTermination()
              .invoke(body::letGo);
        });
  }

  /// @param exchanged empty where that took too long
  private static Uni<Found> found(
      Probe probe, Optional<Exchanged> exchanged, KeptBody body, Room room) {
    return exchanged.isEmpty()
        ? Uni.createFrom().item(late(probe))
        // A megabyte of JSON and an operator's expression are not for the event loop.
        : Uni.createFrom()
            .completionStage(() ->
                room.parsing
                    .executeBlocking(() -> found(probe, exchanged.get(), body), false)
                    .toCompletionStage());
  }

  private static Found found(Probe probe, Exchanged exchanged, KeptBody body) {
    return switch (exchanged) {
      case Exchanged.Not it -> Found.unreadable(probe.label(), code(it.why()));
      case Exchanged.Broken it ->
          code(it.why()).equals("timeout")
              ? late(probe)
              : Found.unreadable(probe.label(), "the connection broke, or the answer was no HTTP");
      case Exchanged.Answered _ when body.isCrowdedOut() -> Found.crowdedOut(probe.label());
      case Exchanged.Answered it ->
          probe.find(
              new ProbeAnswer(it.code(), etag(it.headers()), it.whole() ? body.inPlace() : null));
    };
  }

  /// Two of them are none: whichever is meant, the other is shown to somebody.
  private static @Nullable String etag(MultiMap headers) {
    List<String> all = headers.getAll("etag");
    return all.size() == 1 ? all.getFirst() : null;
  }

  private static Found late(Probe probe) {
    return Found.unreadable(probe.label(), "the target did not answer within " + probe.timeout());
  }

  private static String code(Outcome outcome) {
    Reason reason = outcome.reason();
    return reason == null ? "it could not be asked for" : reason.code();
  }
}
