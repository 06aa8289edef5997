package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.Precondition;
import dev.countersign.events.Reason;
import dev.countersign.messaging.Neighbour;
import dev.countersign.messaging.Unavailable;
import dev.countersign.policy.application.Preconditions;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Asks the executor, which alone has the credentials: `POST /v1/preconditions`.
@ApplicationScoped
class ExecutorPreconditions implements Preconditions {

  private static final Duration TO_CONNECT = Duration.ofSeconds(3);
  // The executor gives each reading five seconds at most.
  private static final Duration TO_ANSWER = Duration.ofSeconds(15);
  private static final int MOST_AT_ONCE = 500;
  private static final int LARGEST = 32 * 1024 * 1024;
  // Half of what the executor takes in one request, in text and in what becomes of it.
  private static final int MOST_BYTES = 512 * 1024;
  private static final int MOST_TOKENS = 2 * Bounds.MAX_BYTES;

  private static final Logger LOG = Logger.getLogger(ExecutorPreconditions.class);
  private static final Reading UNFIT =
      new Unreadable(
          new Reason(
              "precondition-unreadable",
              "What it rests on could not be read: the executor's answer is none; tell the operator."));

  private final URI door;
  private final Neighbour executor = new Neighbour(TO_CONNECT, TO_ANSWER, LARGEST);

  @Inject
  ExecutorPreconditions(@ConfigProperty(name = "countersign.executor.url") URI executor) {
    this.door = executor.resolve("/v1/preconditions");
  }

  @Override
  public Uni<List<Reading>> read(List<Action> actions) {
    List<ArrayNode> asked = new ArrayList<>();
    int bytes = MOST_BYTES;
    int tokens = MOST_TOKENS;
    for (Action each : actions) {
      ObjectNode reading = reading(each);
      int size = EventJson.write(reading).length;
      int within = tokens(reading);
      if (bytes + size > MOST_BYTES
          || tokens + within > MOST_TOKENS
          || asked.getLast().size() == MOST_AT_ONCE) {
        asked.add(JsonNodeFactory.instance.arrayNode());
        bytes = 0;
        tokens = 0;
      }
      asked.getLast().add(reading);
      bytes += size;
      tokens += within;
    }
    return Multi.createFrom()
        .iterable(asked)
        .onItem()
        .transformToUniAndConcatenate(this::ask)
        .onItem()
        .<Reading>disjoint()
        .collect()
        .asList();
  }

  /// Its values, names and brackets.
  private static int tokens(JsonNode json) {
    int tokens = json.isContainerNode() ? 2 : 1;
    if (json.isObject()) {
      tokens += json.size();
    }
    for (JsonNode each : json) {
      tokens += tokens(each);
    }
    return tokens;
  }

  private Uni<List<Reading>> ask(ArrayNode readings) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("readings", readings);
    HttpRequest request =
        HttpRequest.newBuilder(door)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(EventJson.write(body)))
            .build();
    return Uni.createFrom()
        .completionStage(() -> executor.ask(request))
        .onFailure()
        .transform(
            failure -> new Unavailable("the executor can't be asked for preconditions", failure))
        .map(answer -> readings(answer, readings.size()));
  }

  private static ObjectNode reading(Action action) {
    ObjectNode reading = JsonNodeFactory.instance.objectNode();
    reading.set("tool", EventJson.tree(action.tool()));
    reading.set("parameters", action.parameters());
    return reading;
  }

  private static List<Reading> readings(HttpResponse<byte[]> answer, int asked) {
    if (answer.statusCode() >= 500) {
      throw new Unavailable(
          "the executor answered " + answer.statusCode() + " when asked for preconditions");
    }
    try {
      JsonNode readings = EventJson.readTree(answer.body()).path("readings");
      if (answer.statusCode() == 200 && readings.isArray() && readings.size() == asked) {
        List<Reading> read = new ArrayList<>(asked);
        for (JsonNode each : readings) {
          read.add(reading(each));
        }
        return read;
      }
      LOG.errorf("Executor's answer is no reading of preconditions status=%d", answer.statusCode());
    } catch (IllegalArgumentException e) {
      LOG.errorf(e, "Executor's answer can't be read status=%d", answer.statusCode());
    }
    // It will not be otherwise the next time, and those behind these wait.
    return Collections.nCopies(asked, UNFIT);
  }

  private static Reading reading(JsonNode reading) {
    if (reading.has("reason")) {
      return new Unreadable(EventJson.read(reading.path("reason"), Reason.class));
    }
    JsonNode preconditions = reading.path("preconditions");
    if (!preconditions.isArray()) {
      throw new IllegalArgumentException("a reading has preconditions or a reason");
    }
    List<Precondition> found = new ArrayList<>();
    for (JsonNode each : preconditions) {
      found.add(EventJson.read(each, Precondition.class));
    }
    return new Found(found);
  }
}
