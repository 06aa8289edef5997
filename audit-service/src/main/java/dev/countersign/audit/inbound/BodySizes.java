package dev.countersign.audit.inbound;

import dev.countersign.messaging.LargeBodies;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.quarkus.vertx.http.runtime.filters.Filters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// How large a body each path takes. What announces more is refused unread; what announces nothing
/// is cut off there, and of a file at `quarkus.http.limits.max-body-size`.
@ApplicationScoped
class BodySizes {

  private static final String FILES = "/verify";
  // It goes to the disk.
  private static final LargeBodies.Most FILE =
      most(16 * 1024 * 1024, "At most %d bytes are verified here; use ./countersign verify.");
  // It is read before anybody is asked for the operator's secret.
  private static final LargeBodies.Most WORDS =
      most(16 * 1024, "This takes at most %d bytes; send the members that it names alone.");
  // Behind the handler by which Quarkus sets its own.
  private static final int LAST = 1;

  void refuseLargeBodies(@Observes Filters filters) {
    LargeBodies.refuse(filters, path -> path.equals(FILES) ? FILE : WORDS);
    filters.register(
        request -> {
          if (!request.normalizedPath().equals(FILES)) {
            request.put(VertxHttpRecorder.MAX_REQUEST_SIZE_KEY, (long) WORDS.bytes());
          }
          request.next();
        },
        LAST);
  }

  private static LargeBodies.Most most(int bytes, String detail) {
    return new LargeBodies.Most(
        bytes, Problems.json(413, "too-large", "Too large", detail.formatted(bytes)));
  }
}
