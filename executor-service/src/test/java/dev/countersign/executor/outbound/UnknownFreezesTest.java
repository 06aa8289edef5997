package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.executor.GrantSigner;
import dev.countersign.executor.Outside;
import dev.countersign.executor.application.Executions;
import dev.countersign.executor.application.Grants;
import dev.countersign.executor.application.Receipt;
import dev.countersign.executor.application.Redemptions;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Floor;
import dev.countersign.messaging.Backlog;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.OwnContext;
import dev.countersign.messaging.Positions;
import dev.countersign.messaging.Unavailable;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An executor that has not read all freezes that stood there when it began. Nobody of its group
/// reads the topic that stands for them here, so that it stays so.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class UnknownFreezesTest {

  private static final String UNREAD = Topics.TICKET_SEEN;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject Mutiny.SessionFactory sessions;
  @Inject EndedExecutions ended;
  @Inject OverdueExecutions overdue;
  @Inject LateOutcomes late;
  @Inject PostgresResponses responses;
  @Inject PostgresFreezes known;
  @Inject Grants grants;
  @Inject Positions positions;
  @Inject Epochs epochs;
  @Inject Vertx vertx;

  @BeforeEach
  void declareSomething() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(UNREAD, "{}".getBytes(StandardCharsets.UTF_8))).get();
    }
  }

  @Test
  void nothingIsClaimedOrRedeemedUntilAllAreKnown() throws Exception {
    PostgresFreezes unknown = new PostgresFreezes(sessions, new Backlog(UNREAD, positions, vertx));
    Executions executions =
        new PostgresExecutions(sessions, ended, overdue, late, responses, unknown, epochs);
    assertThrows(
        Unavailable.class,
        () -> await(() -> executions.claim("another", List.of(), Duration.ofSeconds(15))));

    Action action =
        new Action(
            new Agent("release-bot", null, null, null),
            new Tool("test", "elsewhere"),
            JsonNodeFactory.instance.objectNode());
    String grant = GrantSigner.ticketService().grant(new ActionId(UUID.randomUUID()), action);
    assertThrows(Unavailable.class, () -> redeem(unknown, grant, action));
    assertInstanceOf(
        Redemptions.Use.Yours.class, redeem(known, grant, action), "it was not used up");
  }

  private Redemptions.Use redeem(PostgresFreezes freezes, String grant, Action action)
      throws Exception {
    Redemptions redemptions = new PostgresRedemptions(sessions, ended, late, freezes, epochs);
    Receipt receipt = new Receipt("of-this-test");
    var authentic = grants.authentic(grant);
    DelegatedConnector elsewhere = new DelegatedConnector(Duration.ofMinutes(1), Floor.NONE);
    return await(() -> redemptions.redeem(authentic, action, elsewhere, receipt, null));
  }

  private <T> T await(Supplier<Uni<T>> work) {
    return Uni.createFrom()
        .deferred(work::get)
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        .await()
        .atMost(Duration.ofMinutes(1));
  }
}
