package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.Catalogue;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Neighbour;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The catalogue as the policy service says it is in force: `GET /v1/catalogue`, asked for every
/// two seconds at most while all is as it was, and at once where a tool seems to have changed.
///
/// A tool that has changed is asked about for some seconds more before it is believed: an action
/// can be here by a new catalogue before another instance of the policy service has read it. Where
/// the policy service is away, what it said last stands, for it judges nothing by another
/// meanwhile.
@ApplicationScoped
class PublishedCatalogue implements Catalogue {

  private static final Logger LOG = Logger.getLogger(PublishedCatalogue.class);
  private static final Duration FRESH = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int LARGEST = 32 * 1024 * 1024;
  private static final Duration FIRST_AGAIN = Duration.ofMillis(250);
  private static final int MOST_AGAIN = 4;

  /// @param at when it was asked for, on the monotonic clock, in nanoseconds
  private record Known(Map<String, String> digests, Map<String, Digest> pins, long at) {

    Standing standing(Tool tool) {
      return new AsJudged(pins.get(tool.toString()));
    }

    boolean says(Tool tool, Digest digest) {
      return digest.value().equals(digests.get(tool.toString()));
    }
  }

  private final HttpRequest request;
  private final Neighbour policy = new Neighbour(TIMEOUT, TIMEOUT, LARGEST);
  private final LongSupplier nanoTime;
  private volatile @Nullable Known last;
  // When it could not be fetched last: for a while what is known stands without asking.
  private volatile long failedAt;
  private @Nullable CompletableFuture<Known> fetching;

  @Inject
  PublishedCatalogue(@ConfigProperty(name = "countersign.policy.url") URI policy) {
    this(policy, System::nanoTime);
  }

  PublishedCatalogue(URI policy, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.failedAt = nanoTime.getAsLong() - FRESH.toNanos();
    this.request = HttpRequest.newBuilder(policy.resolve("/v1/catalogue")).build();
  }

  @Override
  public Uni<Standing> standing(Tool tool, Digest judgedAs) {
    Known known = last;
    if (known != null && known.says(tool, judgedAs) && isWithin(Math.max(known.at, failedAt))) {
      return Uni.createFrom().item(known.standing(tool));
    }
    Uni<Standing> asked = ask(tool, judgedAs, 0);
    // What follows may open a session, which belongs to the context that it was called on.
    Context caller = Vertx.currentContext();
    return caller == null ? asked : asked.emitOn(task -> caller.runOnContext(_ -> task.run()));
  }

  private boolean isWithin(long since) {
    return nanoTime.getAsLong() - since < FRESH.toNanos();
  }

  private Uni<Standing> ask(Tool tool, Digest judgedAs, int before) {
    return Uni.createFrom()
        .completionStage(this::fetch)
        .map(Optional::of)
        .onFailure()
        .recoverWithItem(failure -> {
          failedAt = nanoTime.getAsLong();
          LOG.debugf("Catalogue could not be asked for cause=%s", failure.toString());
          return Optional.empty();
        })
        .chain(fetched -> {
          Known known = last;
          if (known != null && known.says(tool, judgedAs)) {
            return Uni.createFrom().item(known.standing(tool));
          }
          if (before < MOST_AGAIN) {
            return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(FIRST_AGAIN.multipliedBy(1L << before))
                .chain(() -> ask(tool, judgedAs, before + 1));
          }
          return Uni.createFrom().item(new Objection(fetched.isEmpty() ? unknown() : changed()));
        });
  }

  private static Outcome changed() {
    return Outcome.refused(
        new Reason(
            "catalogue-changed",
            "The operator has changed what this tool is since the action was judged. Nothing was run;"
                + " propose it anew."));
  }

  private static Outcome unknown() {
    return Outcome.failed(
        "catalogue-unknown",
        "The policy service could not be asked whether the tool is still what it was when the action"
            + " was judged. Nothing was run; propose it anew.");
  }

  private synchronized CompletableFuture<Known> fetch() {
    if (fetching == null || fetching.isDone()) {
      long at = nanoTime.getAsLong();
      fetching =
          policy
              .ask(request)
              .thenApply(answer -> {
                Known known = read(answer, at);
                last = known;
                return known;
              });
    }
    return fetching;
  }

  private static Known read(HttpResponse<byte[]> answer, long at) {
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("the policy service answered " + answer.statusCode());
    }
    JsonNode said = EventJson.readTree(answer.body());
    Map<String, String> digests = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : said.path("tools").properties()) {
      digests.put(each.getKey(), each.getValue().asText());
    }
    Map<String, Digest> pins = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : said.path("pins").properties()) {
      pins.put(each.getKey(), new Digest(each.getValue().asText()));
    }
    return new Known(Map.copyOf(digests), Map.copyOf(pins), at);
  }
}
