package dev.countersign.gateway.inbound;

import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/// Says in the OpenAPI document what [CallerFilter] answers before any resource does.
public final class CallerAnswers implements OASFilter {

  private static final String AGENT = "agent";

  @Override
  public void filterOpenAPI(OpenAPI document) {
    if (document.getComponents() == null) {
      document.setComponents(OASFactory.createComponents());
    }
    document
        .getComponents()
        .addSecurityScheme(
            AGENT,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description("An agent's key, or an access token of the issuer that is trusted."));
    // Or none, where nobody must say who they are; or a client certificate.
    document.setSecurity(
        List.of(
            OASFactory.createSecurityRequirement(),
            OASFactory.createSecurityRequirement().addScheme(AGENT)));
    for (Map.Entry<String, PathItem> each : document.getPaths().getPathItems().entrySet()) {
      if (!each.getKey().startsWith("/.well-known/")) {
        each.getValue().getOperations().values().forEach(CallerAnswers::add);
      }
    }
  }

  private static void add(Operation operation) {
    APIResponses answers = operation.getResponses();
    add(answers, "401", "No credential where one is needed, or one of no use.");
    add(
        answers,
        "403",
        "Without a credential, by a page of elsewhere (`foreign-origin`) or by a name that is not"
            + " this machine's (`foreign-host`).");
    add(answers, "429", "More than this caller may send now; see Retry-After.");
    add(
        answers,
        "503",
        "The database is away, or the credential can't be checked; send the same again.");
  }

  /// Beside what the resource itself answers with this status.
  private static void add(APIResponses answers, String status, String description) {
    APIResponse own = answers.getAPIResponse(status);
    answers.addAPIResponse(
        status, problem(own == null ? description : own.getDescription() + " " + description));
  }

  private static APIResponse problem(String description) {
    return OASFactory.createAPIResponse()
        .description(description)
        .content(
            OASFactory.createContent()
                .addMediaType(
                    Problem.MEDIA_TYPE,
                    OASFactory.createMediaType()
                        .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"))));
  }
}
