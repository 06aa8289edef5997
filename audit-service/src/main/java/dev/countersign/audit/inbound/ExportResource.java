package dev.countersign.audit.inbound;

import dev.countersign.audit.application.ExportFormat;
import dev.countersign.audit.application.ExportPeriod;
import dev.countersign.audit.domain.Period;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/// What was appended in a period, for keeping and for a SIEM (docs/export.md).
@Path("/v1/export")
public class ExportResource {

  /// Each takes a thread as long as it is read.
  private static final int MOST_AT_ONCE = 4;

  private final ExportPeriod export;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  @Inject
  ExportResource(ExportPeriod export) {
    this.export = export;
  }

  @GET
  @Blocking
  @Operation(summary = "A period's entries as JSON lines, CSV or OCSF events")
  @APIResponse(responseCode = "200", description = "The period, written as it is read.")
  @APIResponse(
      responseCode = "400",
      description = "No period, or no format; `type` names the parameter.")
  @APIResponse(
      responseCode = "503",
      description =
          "Too many at once, or the witness has not signed for the last entry yet: ask again.")
  public Response export(
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to,
      @QueryParam("format") @Nullable String format) {
    Period period;
    ExportFormat wanted;
    try {
      period = period(moment("from", from), moment("to", to));
      wanted = ExportFormat.of(format).orElseThrow(() -> new Unfit("format", formats()));
    } catch (Unfit e) {
      return Problems.problem(
          400, "export-" + e.parameter, "Not a period that can be exported", e.sentence());
    }
    if (!places.tryAcquire()) {
      return Problems.problem(
          503,
          "export-busy",
          "Too many exports at once",
          "At most " + MOST_AT_ONCE + " are written at a time; ask again when one has ended.");
    }
    Optional<ExportPeriod.Export> begun;
    try {
      begun = export.begin(period, wanted);
    } finally {
      // Taken again by whoever writes: where the other end is gone, nobody does.
      places.release();
    }
    if (begun.isEmpty()) {
      return Problems.notCosigned();
    }
    StreamingOutput written =
        out -> {
          places.acquireUninterruptibly();
          try {
            begun.get().write(out);
          } finally {
            places.release();
          }
        };
    return Response.ok(written)
        .header(HttpHeaders.CONTENT_TYPE, wanted.mediaType())
        .header(
            HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name(period, wanted) + '"')
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .build();
  }

  /// A parameter that does not fit, and what to write instead.
  private static final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;

    private final String parameter;

    Unfit(String parameter, String sentence) {
      super(sentence);
      this.parameter = parameter;
    }

    String sentence() {
      return String.valueOf(getMessage());
    }
  }

  private static Period period(Instant from, Instant to) throws Unfit {
    if (!from.isBefore(to)) {
      throw new Unfit("to", "to must be after from: from belongs to the period, to does not.");
    }
    return new Period(from, to);
  }

  private static Instant moment(String parameter, @Nullable String text) throws Unfit {
    if (text == null || text.isBlank()) {
      throw new Unfit(parameter, parameter + " is missing: write it as 2026-11-26T00:00:00Z.");
    }
    try {
      OffsetDateTime moment = OffsetDateTime.parse(text);
      if (moment.getYear() < 1970 || moment.getYear() > 9998) {
        throw new Unfit(parameter, parameter + " must be of the years 1970 to 9998.");
      }
      return moment.toInstant();
    } catch (DateTimeException e) {
      throw new Unfit(
          parameter,
          parameter
              + " must be a date and time of RFC 3339 with its offset, such as"
              + " 2026-11-26T00:00:00Z or 2026-11-26T01:00:00%2B01:00 (a plus is written %2B).");
    }
  }

  private static String formats() {
    return "format must be one of "
        + Arrays.stream(ExportFormat.values())
            .map(ExportFormat::word)
            .collect(Collectors.joining(", "))
        + ".";
  }

  private static String name(Period period, ExportFormat format) {
    return "countersign_%s_%s.%s"
        .formatted(
            period.from().toString().replace(':', '-'),
            period.to().toString().replace(':', '-'),
            format == ExportFormat.OCSF ? "ocsf.jsonl" : format.word().toLowerCase(Locale.ROOT));
  }
}
