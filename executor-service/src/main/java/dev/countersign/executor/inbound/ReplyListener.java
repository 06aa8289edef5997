package dev.countersign.executor.inbound;

import dev.countersign.executor.application.AwaitReplies;
import dev.countersign.executor.application.Clusters;
import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.application.TakeReplies;
import dev.countersign.executor.application.UnreadReplies;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.messaging.Inbox;
import dev.countersign.messaging.OwnContext;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Reads what other systems say about their commands, from the topics that `connectors.yaml` names
/// now: they are no channels of ours, and come and go with the file.
@ApplicationScoped
class ReplyListener {

  private static final Logger LOG = Logger.getLogger(ReplyListener.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  private static final Duration TO_LEAVE = Duration.ofSeconds(5);
  // What is under way may end by an outcome meanwhile.
  private static final int AFTER_THE_RUNNER = 3000;

  private final Inbox inbox;
  private final TakeReplies take;
  private final AwaitReplies await;
  private final UnreadReplies unread;
  private final OpenConnectors connectors;
  private final Clusters clusters;
  private final Vertx vertx;
  private final String group;
  private final Map<KafkaCluster, ReplyConsumer> consumers = new HashMap<>();
  // Said once, and not with every look.
  private final Set<KafkaCluster> missing = new HashSet<>();
  private long timer;
  private boolean stopped;

  @Inject
  ReplyListener(
      Inbox inbox,
      TakeReplies take,
      AwaitReplies await,
      UnreadReplies unread,
      OpenConnectors connectors,
      Clusters clusters,
      Vertx vertx,
      @ConfigProperty(name = "quarkus.application.name") String service) {
    this.inbox = inbox;
    this.take = take;
    this.await = await;
    this.unread = unread;
    this.connectors = connectors;
    this.clusters = clusters;
    this.vertx = vertx;
    // All executors share it: each outcome is read by one of them.
    this.group = service + "-outcomes";
  }

  void onStart(@Observes StartupEvent event) {
    look();
    timer =
        vertx.setPeriodic(
            BETWEEN_LOOKS.toMillis(),
            _ ->
                vertx.executeBlocking(() -> {
                  look();
                  return null;
                }));
  }

  void onStop(@Observes @Priority(AFTER_THE_RUNNER) ShutdownEvent event)
      throws InterruptedException {
    vertx.cancelTimer(timer);
    List<ReplyConsumer> reading;
    synchronized (this) {
      stopped = true;
      reading = List.copyOf(consumers.values());
      consumers.clear();
    }
    reading.forEach(ReplyConsumer::close);
    long end = System.nanoTime() + TO_LEAVE.toNanos();
    for (ReplyConsumer each : reading) {
      each.awaitLeft(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }
  }

  /// The topics that the brokers don't let us read, for now.
  synchronized Set<String> barred() {
    Set<String> barred = new TreeSet<>();
    consumers.values().forEach(each -> barred.addAll(each.barred()));
    return barred;
  }

  /// One consumer for each cluster on which outcomes are awaited, connected as its file says now.
  private synchronized void look() {
    if (stopped) {
      return;
    }
    Set<KafkaCluster> wanted = connectors.current().replyTopics().keySet();
    Iterator<Map.Entry<KafkaCluster, ReplyConsumer>> known = consumers.entrySet().iterator();
    while (known.hasNext()) {
      Map.Entry<KafkaCluster, ReplyConsumer> each = known.next();
      if (!each.getValue().reads()
          || !wanted.contains(each.getKey())
          || !clusters.find(each.getKey()).map(each.getValue()::connectsBy).orElse(false)) {
        each.getValue().close();
        known.remove();
      }
    }
    for (KafkaCluster cluster : wanted) {
      if (!consumers.containsKey(cluster)) {
        start(cluster);
      }
    }
    // One whose file is not there yet has no consumer, and what lies on it is unread.
    if (consumers.keySet().containsAll(wanted)
        && consumers.values().stream().allMatch(ReplyConsumer::hasCaughtUp)) {
      unread.areRead();
    }
  }

  /// Members of one group share its topics: who connects as somebody else may not read them all,
  /// and would be given what it can't read.
  private String group(KafkaCluster cluster) {
    return cluster.security() == null ? group : group + "-" + cluster.security();
  }

  private void start(KafkaCluster cluster) {
    Optional<Map<String, Object>> connection = clusters.find(cluster);
    if (connection.isEmpty()) {
      if (missing.add(cluster)) {
        LOG.errorf("Outcomes can't be read until its file is there cluster=%s", cluster);
      }
      return;
    }
    missing.remove(cluster);
    ReplyDecoder decoder = new ReplyDecoder(connectors, cluster);
    ReplyConsumer consumer =
        new ReplyConsumer(
            connection.get(),
            group(cluster),
            () -> connectors.current().replyTopics().getOrDefault(cluster, Set.of()),
            batch ->
                Uni.createFrom()
                    .deferred(() -> inbox.consume(batch, decoder, take))
                    .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
                    .invoke(await::look));
    consumers.put(cluster, consumer);
    consumer.start();
  }
}
