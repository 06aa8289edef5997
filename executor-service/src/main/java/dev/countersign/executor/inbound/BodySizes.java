package dev.countersign.executor.inbound;

import dev.countersign.messaging.LargeBodies;
import io.quarkus.vertx.http.runtime.filters.Filters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// How large a body each path takes. What announces more is refused unread.
@ApplicationScoped
class BodySizes {

  private static final LargeBodies.Most REPORT = Problems.most(ReportBody.BODY);
  private static final LargeBodies.Most QUESTION = Problems.most(PreconditionResource.BODY);
  private static final LargeBodies.Most GRANT = Problems.most(GrantResource.BODY);

  void refuseLargeBodies(@Observes Filters filters) {
    LargeBodies.refuse(filters, BodySizes::most);
  }

  private static LargeBodies.Most most(String path) {
    if (path.endsWith("/outcome")) {
      return REPORT;
    }
    return path.equals("/v1/preconditions") ? QUESTION : GRANT;
  }
}
