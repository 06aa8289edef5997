package dev.countersign.gateway.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.ListActions;
import dev.countersign.gateway.domain.Status;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Actions by whose they are and by session, a page at a time.
@Path("/v1/actions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "actions")
class ListResource {

  private static final int USUAL = 50;
  private static final int MOST = 200;
  // A cursor is a number that nobody should count by.
  private static final int RADIX = 36;

  /// A page.
  @Schema(name = "ActionPage")
  record Page(
      List<ActionState> actions,
      @Schema(description = "The path of the next page; absent at the end.")
          @Nullable String next) {}

  private final ListActions listActions;
  private final RoutingContext routing;

  @Inject
  ListResource(ListActions listActions, RoutingContext routing) {
    this.listActions = listActions;
    this.routing = routing;
  }

  @GET
  @Operation(
      operationId = "list",
      summary = "Find actions again",
      description =
          """
          The newest first. Who authenticates finds their own; an agent that was started anew finds \
          what it asked for by its `session`. Follow `next` until it is absent: with `status`, a \
          page may have few or none and still have a next one. What comes in meanwhile stands \
          before the first page.\
          """)
  @APIResponse(
      responseCode = "200",
      description = "A page.",
      content = @Content(schema = @Schema(implementation = Page.class)))
  @APIResponse(
      responseCode = "400",
      description = "A parameter that means nothing; `type` names it.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> list(
      @Parameter(description = "The agent's id.") @QueryParam("agent") @Nullable String agent,
      @Parameter(description = "The agent's session.") @QueryParam("session")
          @Nullable String session,
      @Parameter(description = "As in an action's state.") @QueryParam("status")
          @Nullable String status,
      @Parameter(description = "As `next` has it.") @QueryParam("cursor") @Nullable String cursor,
      @Parameter(
              description = "How many at most, 1 to 200.",
              schema =
                  @Schema(
                      type = SchemaType.INTEGER,
                      minimum = "1",
                      maximum = "200",
                      defaultValue = "50"))
          @QueryParam("limit")
          @Nullable String limit) {
    ListActions.Wanted wanted =
        new ListActions.Wanted(
            text("agent", agent),
            text("session", session),
            status(status),
            before(cursor),
            limit(limit));
    return listActions
        .list(Callers.of(routing), wanted)
        .map(page ->
            Response.ok(
                    EventJson.write(
                        new Page(
                            page.actions().stream().map(ActionState::of).toList(),
                            next(page.next(), agent, session, status, limit))))
                .header("Cache-Control", "no-store")
                .build());
  }

  private static @Nullable String next(
      @Nullable Long next,
      @Nullable String agent,
      @Nullable String session,
      @Nullable String status,
      @Nullable String limit) {
    if (next == null) {
      return null;
    }
    return "/v1/actions?cursor="
        + Long.toString(next, RADIX)
        + member("agent", agent)
        + member("session", session)
        + member("status", status)
        + member("limit", limit);
  }

  private static String member(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  // PostgreSQL has no NUL in a text, so nothing can have it.
  private static @Nullable String text(String name, @Nullable String value) {
    if (value != null && value.indexOf('\0') >= 0) {
      throw invalid(name, name + " has a NUL character, which no agent's has");
    }
    return value;
  }

  private static @Nullable Status status(@Nullable String text) {
    if (text == null) {
      return null;
    }
    return Arrays.stream(Status.values())
        .filter(each -> each.toString().equals(text))
        .findFirst()
        .orElseThrow(() ->
            invalid(
                "status",
                "status must be one of "
                    + Arrays.stream(Status.values())
                        .map(Status::toString)
                        .collect(Collectors.joining(", "))));
  }

  private static @Nullable Long before(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    if (!cursor.matches("[0-9a-z]{1,12}")) {
      throw invalid("cursor", "cursor must be as the page before has it in next");
    }
    return Long.parseLong(cursor, RADIX);
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return USUAL;
    }
    if (!text.matches("[1-9][0-9]{0,2}") || Integer.parseInt(text) > MOST) {
      throw invalid("limit", "limit must be a whole number from 1 to " + MOST);
    }
    return Integer.parseInt(text);
  }

  private static Problem.Thrown invalid(String code, String sentence) {
    return new Problem.Thrown(Problem.of(400, code, "Not a question", sentence + "."));
  }
}
