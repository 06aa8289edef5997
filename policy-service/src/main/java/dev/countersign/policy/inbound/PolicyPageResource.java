package dev.countersign.policy.inbound;

import dev.countersign.events.Shown;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.domain.PolicyEngine;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/// The page on which a reviewer reads what is in force.
@Path("/policy")
public class PolicyPageResource {

  private static final String CSP =
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none';"
          + " form-action 'none'";

  private final PolicyInForce policy;

  @Inject
  PolicyPageResource(PolicyInForce policy) {
    this.policy = policy;
  }

  @CheckedTemplate
  static class Templates {
    private Templates() {}

    static native TemplateInstance policy(@Nullable PolicyPage page, @Nullable String problem);
  }

  @GET
  @Blocking
  @Produces(MediaType.TEXT_HTML)
  @Operation(summary = "The policy in force, to be read by people")
  public RestResponse<TemplateInstance> read() {
    Optional<PolicyEngine> engine = policy.find();
    TemplateInstance page =
        Templates.policy(
            engine.map(PolicyPage::of).orElse(null),
            policy.problem().map(Shown::lines).orElse(null));
    return ResponseBuilder.<TemplateInstance>create(engine.isPresent() ? 200 : 503)
        .entity(page)
        .header("Content-Security-Policy", CSP)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Cache-Control", "no-store")
        .build();
  }
}
