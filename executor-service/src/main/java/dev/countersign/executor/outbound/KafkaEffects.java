package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.AwaitReplies;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Grants;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.application.Replies;
import dev.countersign.executor.domain.KafkaConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.OwnContext;
import dev.countersign.messaging.Trace;
import dev.countersign.messaging.Unavailable;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.InvalidGrant;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Has a tool run by another system: the command goes out with its grant, and the system says how
/// it ended.
///
/// If this process dies before the broker acknowledged the command, the answer is `unknown` once
/// the lease has lapsed; after it, the execution goes on waiting, and whichever executor reads the
/// outcome writes it.
@ApplicationScoped
class KafkaEffects {

  static final String COMMAND = "countersign.command.v1";
  private static final Logger LOG = Logger.getLogger(KafkaEffects.class);

  private final CommandProducers producers;
  private final Replies replies;
  private final AwaitReplies await;
  private final Grants grants;
  private final Vertx vertx;
  private final String issuer;
  private final String source;
  private final InstantSource clock = Clock.systemUTC();

  @Inject
  KafkaEffects(
      CommandProducers producers,
      Replies replies,
      AwaitReplies await,
      Grants grants,
      Vertx vertx,
      @ConfigProperty(name = "countersign.grant.issuer") String issuer,
      @ConfigProperty(name = "quarkus.application.name") String service) {
    this.producers = producers;
    this.replies = replies;
    this.await = await;
    this.grants = grants;
    this.vertx = vertx;
    this.issuer = issuer;
    this.source = "urn:countersign:" + service;
  }

  private sealed interface Prepared {
    record Command(ProducerRecord<byte[], byte[]> sent) implements Prepared {}

    record Not(Outcome why) implements Prepared {}
  }

  /// Performs the effect. An outcome always comes.
  Uni<Outcome> perform(Begun begun, KafkaConnector connector, LastLook look) {
    return Uni.createFrom()
        .completionStage(() ->
            // The keys may have to be fetched.
            vertx.executeBlocking(() -> prepare(begun, connector), false).toCompletionStage())
        .chain(prepared ->
            switch (prepared) {
              case Prepared.Not not -> Uni.createFrom().item(not.why);
              case Prepared.Command command -> send(begun, connector, command.sent, look);
            });
  }

  /// The system gets exactly what the grant permits: it is held against the grant once more.
  private Prepared prepare(Begun begun, KafkaConnector connector) {
    String token = begun.grant();
    if (token == null) {
      return new Prepared.Not(
          Outcome.failed(
              "grant-not-kept",
              "Its connector was another kind when it was approved, and its grant was not kept;"
                  + " nothing was sent. Propose it anew."));
    }
    try {
      Grant grant = grants.authentic(token);
      Action action = grant.action(begun.parameters());
      grant.mustPermit(begun.actionId(), action, issuer);
      return new Prepared.Command(command(begun, connector, action, token));
    } catch (InvalidGrant e) {
      return new Prepared.Not(Outcome.refused(new Reason(e.reason(), e.detail())));
    } catch (Unavailable e) {
      return new Prepared.Not(
          Outcome.failed(
              "keys-away",
              "The keys of grants can't be had, so that its grant could not be checked; nothing was"
                  + " sent."));
    }
  }

  private ProducerRecord<byte[], byte[]> command(
      Begun begun, KafkaConnector connector, Action action, String token) {
    String id = begun.actionId().toString();
    String now = clock.instant().toString();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("actionId", id);
    body.put("at", now);
    body.put("attempt", begun.attempt());
    body.set("action", EventJson.tree(action));
    body.put("actionDigest", action.digest(begun.actionId()).toString());
    body.put("grant", token);
    body.put("replyTo", connector.replies());
    ProducerRecord<byte[], byte[]> command =
        new ProducerRecord<>(connector.topic(), bytes(id), EventJson.write(body));
    String trace = Trace.orNew(begun.traceparent());
    Map.of(
            "ce_specversion",
            "1.0",
            "ce_id",
            UUID.randomUUID().toString(),
            "ce_source",
            source,
            "ce_type",
            COMMAND,
            "ce_subject",
            id,
            "ce_time",
            now,
            "ce_traceparent",
            trace,
            "traceparent",
            trace,
            "content-type",
            "application/json")
        .forEach((name, value) -> command.headers().add(name, bytes(value)));
    return command;
  }

  private Uni<Outcome> send(
      Begun begun,
      KafkaConnector connector,
      ProducerRecord<byte[], byte[]> command,
      LastLook look) {
    return Uni.createFrom()
        .completionStage(
            () -> producers.send(connector.cluster(), command, look).toCompletionStage())
        .chain(sent ->
            switch (sent) {
              case CommandProducers.Sent.Acknowledged _ -> await(begun, connector);
              case CommandProducers.Sent.Never never ->
                  Uni.createFrom()
                      .item(
                          Outcome.failed(
                              "unreachable",
                              "The command could not be handed to its topic ("
                                  + never.why()
                                  + "); nothing was sent."));
              case CommandProducers.Sent.Not not -> Uni.createFrom().item(not.why());
              case CommandProducers.Sent.Perhaps _ ->
                  Uni.createFrom()
                      .item(
                          Outcome.unknown(
                              "cut-off",
                              "The brokers did not acknowledge the command and may have it. Look at"
                                  + " the system that runs it whether it took effect."));
              case CommandProducers.Sent.NoConnection _ ->
                  Uni.createFrom()
                      .item(
                          Outcome.failed(
                              "credential-missing",
                              "How to connect to the brokers is not where connectors.yaml says;"
                                  + " nothing was sent. Put it there and propose the action anew."));
            });
  }

  private Uni<Outcome> await(Begun begun, KafkaConnector connector) {
    return Uni.createFrom()
        .deferred(() -> replies.handedOver(begun, connector.timeout()))
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        // Then a crash of this process makes it unknown, where its outcome could have been heard.
        .onFailure()
        .invoke(failure ->
            LOG.warnf(
                "It waits only as long as this process lives actionId=%s cause=%s",
                begun.actionId(), failure))
        .onFailure()
        .recoverWithNull()
        .chain(() ->
            await.of(
                begun.actionId(),
                connector.timeout(),
                Outcome.unknown(
                    "not-answered",
                    "The system that runs it did not say within "
                        + connector.timeout()
                        + " how it ended. Ask there whether it took effect.")));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
