package dev.countersign.audit.inbound;

import dev.countersign.audit.application.FindEvidence;
import dev.countersign.audit.application.VerifyFile;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.verifier.EvidenceFile;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// An action's evidence for people.
@Path("/v1/evidence/{actionId}.pdf")
public class EvidencePdfResource {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final FindEvidence evidence;

  @Inject
  EvidencePdfResource(FindEvidence evidence) {
    this.evidence = evidence;
  }

  @GET
  @Blocking
  @Operation(summary = "An action's evidence as a PDF, with the file that proves it attached")
  @APIResponse(responseCode = "200", description = "The document.")
  @APIResponse(responseCode = "400", description = "What stands there is no actionId.")
  @APIResponse(responseCode = "404", description = "The log holds nothing of this action.")
  @APIResponse(responseCode = "422", description = "More records of this action than fit one file.")
  @APIResponse(
      responseCode = "503",
      description = "The witness or the ticket service is away: ask again.")
  public Response pdf(@PathParam("actionId") String actionId, @Context HttpHeaders request) {
    ActionId id;
    try {
      id = ActionId.of(actionId);
    } catch (IllegalArgumentException e) {
      return Problems.notAnId(e);
    }
    FindEvidence.Found found = evidence.find(id).await().atMost(PATIENCE);
    if (!(found instanceof FindEvidence.Found.Whole whole)) {
      return Problems.noEvidence(found);
    }
    EvidenceFile file = whole.file();
    Locale language = Languages.of(request);
    EvidenceWords words = Languages.words(EvidenceWords.class, language);
    // By the keys that were put into it just now, which are this service's own.
    var finding = VerifyFile.verify(EventJson.write(file), file.keys());
    byte[] pdf = new EvidencePdf(file, finding, words, language, Instant.now()).bytes();
    return Response.ok(pdf, "application/pdf")
        .language(language)
        .header(HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"evidence-" + id + ".pdf\"")
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
        .header("X-Content-Type-Options", "nosniff")
        .build();
  }
}
