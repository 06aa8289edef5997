package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.AgentKeys;
import dev.countersign.gateway.application.Authenticate;
import dev.countersign.gateway.application.IssueAgentKeys;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What `./countersign agent-key` asks for. Whoever asks proves that they are the operator by a
/// secret; without one set, nobody is.
@Path("/v1/operator/agent-keys")
@Produces(MediaType.APPLICATION_JSON)
class AgentKeysResource {

  private static final Logger LOG = Logger.getLogger(AgentKeysResource.class);
  private static final Duration USUAL = Duration.ofDays(90);
  private static final Duration LONGEST = Duration.ofDays(366);
  private static final int LONGEST_NAME = 200;
  private static final String BEARER = "Bearer ";

  private final IssueAgentKeys keys;
  private final Authenticate authenticate;

  @Inject
  AgentKeysResource(IssueAgentKeys keys, Authenticate authenticate) {
    this.keys = keys;
    this.authenticate = authenticate;
  }

  /// Makes a key: `{"agent", "platform", "toolsets", "valid"}`, all but the first may be missing;
  /// `valid` is a duration, 90 days unless said. The answer is the only place where the key stands.
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<Response> issue(
      @HeaderParam("Authorization") @Nullable String secret, @Nullable JsonNode body) {
    return asOperator(
        secret,
        () -> {
          JsonNode asked = body == null ? JsonNodeFactory.instance.objectNode() : body;
          Caller.Known agent =
              new Caller.Known(
                  name(asked.path("agent"), "agent"),
                  asked.hasNonNull("platform") ? name(asked.path("platform"), "platform") : null,
                  toolsets(asked.path("toolsets")));
          return keys.issue(agent, valid(asked.path("valid")))
              .map(issued -> {
                ObjectNode answer =
                    JsonNodeFactory.instance
                        .objectNode()
                        .put("id", issued.key().id())
                        .put("key", issued.key().text())
                        .put("agent", agent.id())
                        .put("expiresAt", issued.expiresAt().toString());
                return json(Response.status(Response.Status.CREATED), answer);
              })
              .onFailure(Unavailable.class)
              .recoverWithItem(AgentKeysResource::uncertain);
        });
  }

  /// The keys of an agent, or all there ever were: never the keys themselves.
  @GET
  @Operation(hidden = true)
  public Uni<Response> list(
      @HeaderParam("Authorization") @Nullable String secret,
      @QueryParam("agent") @Nullable String agent) {
    return asOperator(
        secret,
        () ->
            keys.list(Optional.ofNullable(agent))
                .map(kept -> {
                  ObjectNode answer = JsonNodeFactory.instance.objectNode();
                  for (AgentKeys.Kept each : kept) {
                    answer.withArray("/keys").add(EventJson.tree(each));
                  }
                  return json(Response.ok(), answer);
                }));
  }

  @POST
  @Path("{id}/revoke")
  @Operation(hidden = true)
  public Uni<Response> revoke(
      @HeaderParam("Authorization") @Nullable String secret, @PathParam("id") String id) {
    return asOperator(
        secret,
        () ->
            keys.revoke(id)
                .map(revoked ->
                    revoked
                        ? Response.noContent().build()
                        : Problem.of(
                                404,
                                "no-such-key",
                                "No such key",
                                "No key has this id; ./countersign agent-keys lists them.")
                            .response()));
  }

  /// Who sent the same again would make a second one.
  private static Response uncertain(Throwable away) {
    LOG.warnf("A key may have been made that nobody has seen cause=%s", away.getCause());
    return Problem.of(
            503,
            "unavailable",
            "Not available now",
            "The gateway cannot reach its database, and whether the key was made is not certain;"
                + " list the keys before you make another, and revoke the one that nobody has"
                + " seen.")
        .response();
  }

  private static Response json(Response.ResponseBuilder response, ObjectNode answer) {
    return response.header("Cache-Control", "no-store").entity(EventJson.write(answer)).build();
  }

  private static String name(JsonNode given, String what) {
    String text = given.isTextual() ? given.textValue().strip() : "";
    if (text.isEmpty() || text.length() > LONGEST_NAME || text.chars().anyMatch(it -> it < 0x20)) {
      throw invalid(what, what + " must be a name of 1 to " + LONGEST_NAME + " characters");
    }
    return text;
  }

  private static @Nullable Set<String> toolsets(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return null;
    }
    Set<String> named = new HashSet<>();
    for (JsonNode each : given) {
      named.add(name(each, "toolsets"));
    }
    if (named.isEmpty()) {
      throw invalid("toolsets", "name at least one toolset, or leave toolsets out for all");
    }
    return named;
  }

  private static Duration valid(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return USUAL;
    }
    try {
      Duration valid = Duration.parse(given.asText());
      if (valid.compareTo(Duration.ofSeconds(1)) >= 0 && valid.compareTo(LONGEST) <= 0) {
        return valid;
      }
    } catch (DateTimeException _) {
      // Told below.
    }
    throw invalid(
        "valid", "valid must be a duration from PT1S to " + LONGEST.toDays() + " days, as P90D");
  }

  private static Problem.Thrown invalid(String code, String sentence) {
    return new Problem.Thrown(Problem.of(400, code, "Not a key's settings", sentence + "."));
  }

  private Uni<Response> asOperator(@Nullable String given, Supplier<Uni<Response>> work) {
    boolean isOperator =
        given != null
            && given.startsWith(BEARER)
            && authenticate.isOperator(given.substring(BEARER.length()));
    return isOperator
        ? work.get()
        : Uni.createFrom()
            .item(
                Problem.of(
                        401,
                        "not-the-operator",
                        "Not the operator",
                        "This is for ./countersign on the machine that runs the service, and for"
                            + " who holds countersign.operator.secret.")
                    .response());
  }
}
