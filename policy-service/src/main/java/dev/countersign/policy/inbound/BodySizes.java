package dev.countersign.policy.inbound;

import dev.countersign.events.Bounds;
import dev.countersign.messaging.LargeBodies;
import io.quarkus.vertx.http.runtime.filters.Filters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// How large a body each path takes. What announces more is refused unread.
@ApplicationScoped
class BodySizes {

  private static final LargeBodies.Most PROPOSAL =
      most(Bounds.MAX_BYTES, "A proposal has at most %d bytes; put what is large somewhere else.");
  private static final LargeBodies.Most SIMULATION =
      most(1024 * 1024, "At most %d bytes are simulated at a time; send fewer proposals.");

  void refuseLargeBodies(@Observes Filters filters) {
    LargeBodies.refuse(filters, path -> path.equals("/v1/simulate") ? SIMULATION : PROPOSAL);
  }

  private static LargeBodies.Most most(int bytes, String detail) {
    return new LargeBodies.Most(
        bytes, Problems.json(413, "too-large", "Too large", detail.formatted(bytes)));
  }
}
