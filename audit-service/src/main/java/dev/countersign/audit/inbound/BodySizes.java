package dev.countersign.audit.inbound;

import dev.countersign.messaging.LargeBodies;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.quarkus.vertx.http.runtime.filters.Filters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// How large a body each path takes. What announces more is refused unread; what announces nothing
/// is refused by its resource, or cut off where it is far more, and of a file at
/// `quarkus.http.limits.max-body-size`.
@ApplicationScoped
class BodySizes {

  private static final String FILES = "/verify";
  // It goes to the disk.
  private static final int LARGEST_FILE = 16 * 1024 * 1024;
  private static final LargeBodies.Most FILE =
      new LargeBodies.Most(
          LARGEST_FILE,
          Problems.tooLarge(
              "At most %d bytes are verified here; use ./countersign verify."
                  .formatted(LARGEST_FILE)));
  private static final LargeBodies.Most WORDS =
      new LargeBodies.Most(
          OperatorResource.BODY.most(),
          Problems.tooLarge(OperatorResource.BODY.tooLarge().sentence()));
  // It is kept before anybody is asked for the operator's secret.
  private static final long MOST_WORDS_KEPT = 64 * 1024;
  // Behind the handler by which Quarkus sets its own.
  private static final int LAST = 1;

  void refuseLargeBodies(@Observes Filters filters) {
    LargeBodies.refuse(filters, path -> path.equals(FILES) ? FILE : WORDS);
    filters.register(
        request -> {
          if (!LargeBodies.path(request).equals(FILES)) {
            request.put(VertxHttpRecorder.MAX_REQUEST_SIZE_KEY, MOST_WORDS_KEPT);
          }
          request.next();
        },
        LAST);
  }
}
