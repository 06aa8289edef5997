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
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Reads targets the one way out over HTTP: no other host, no address inside, no redirect, and no
/// more than a bound of time and size, each of them and all together: whoever proposes says how
/// many there are.
@ApplicationScoped
class TargetReadings implements Readings {

  private static final int LARGEST = 1024 * 1024;
  private static final int LARGEST_TOGETHER = 32 * LARGEST;
  // A tree is many times as large as its text.
  private static final int PARSED_AT_ONCE = 2;

  private final AuthorizedHttp http;
  private final Semaphore room;
  private final WorkerExecutor parsing;

  @Inject
  TargetReadings(AuthorizedHttp http, Vertx vertx) {
    this(http, vertx, new Semaphore(LARGEST_TOGETHER));
  }

  /// @param room the bytes of bodies that all readings may hold together
  TargetReadings(AuthorizedHttp http, Vertx vertx, Semaphore room) {
    this.http = http;
    this.room = room;
    this.parsing = vertx.createSharedWorkerExecutor("readings", PARSED_AT_ONCE);
  }

  @Override
  public Uni<Reading> read(
      RunConnector connector, JsonNode parameters, @Nullable String traceparent) {
    return switch (connector) {
      case HttpConnector it -> read(it.preconditions(), it.reach(), parameters, traceparent);
      case McpConnector it -> read(it.preconditions(), it.reach(), parameters, traceparent);
      case StdioConnector _, KafkaConnector _, LiftConnector _ ->
          Uni.createFrom().item(Reading.NOTHING);
    };
  }

  private Uni<Reading> read(
      List<Probe> probes, Reach reach, JsonNode parameters, @Nullable String traceparent) {
    if (probes.isEmpty()) {
      return Uni.createFrom().item(Reading.NOTHING);
    }
    return Uni.join()
        .all(probes.stream().map(each -> read(each, reach, parameters, traceparent)).toList())
        .andFailFast()
        .map(Reading::of);
  }

  private Uni<Found> read(
      Probe probe, Reach reach, JsonNode parameters, @Nullable String traceparent) {
    return Uni.createFrom()
        .completionStage(() -> {
          KeptBody body = new KeptBody(LARGEST, room);
          return http.exchange(
                  () -> probe.call(parameters).with("traceparent", Trace.orNew(traceparent)),
                  reach,
                  probe.timeout(),
                  probe.readsBody() ? body : new IgnoredBody(LARGEST))
              // A megabyte of JSON and an operator's expression are not for the event loop.
              .compose(
                  exchanged -> parsing.executeBlocking(() -> found(probe, exchanged, body), false))
              .onComplete(_ -> body.letGo())
              .toCompletionStage();
        })
        // Names, tokens and connections take time that the exchange does not count.
        .ifNoItem()
        .after(probe.timeout())
        .recoverWithItem(() -> late(probe));
  }

  private static Found found(Probe probe, Exchanged exchanged, KeptBody body) {
    return switch (exchanged) {
      case Exchanged.Not it -> Found.unreadable(probe.label(), code(it.why()));
      case Exchanged.Broken it ->
          code(it.why()).equals("timeout")
              ? late(probe)
              : Found.unreadable(probe.label(), "the connection broke, or the answer was no HTTP");
      case Exchanged.Answered _ when body.isCrowdedOut() ->
          Found.unreadable(
              probe.label(), "too much is being read of targets at this moment; propose it anew");
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
