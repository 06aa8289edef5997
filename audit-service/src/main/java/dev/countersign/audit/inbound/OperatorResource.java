package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.application.ErasePerson;
import dev.countersign.audit.application.Erasures;
import dev.countersign.audit.application.FindCompleteness;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/// What `./countersign erase` and `settle` ask for. Whoever asks proves that they are the operator
/// by a secret; without one set, nobody is.
@Path("/v1/operator")
public class OperatorResource {

  private static final String OPERATOR = "operator";
  private static final int LONGEST_WHY = 200;
  private static final int MOST_BYTES = 16 * 1024;
  // Each value takes a byte at least: it is the bytes that bound it.
  static final EventJson.Bounded BODY = new EventJson.Bounded(MOST_BYTES, MOST_BYTES);
  private static final Pattern LEAVES = Pattern.compile("(\\d{1,18})(?:-(\\d{1,18}))?");

  private final ErasePerson erase;
  private final FindCompleteness completeness;
  private final Optional<String> secret;

  @Inject
  OperatorResource(
      ErasePerson erase,
      FindCompleteness completeness,
      @ConfigProperty(name = "countersign.operator.secret") Optional<String> secret) {
    this.erase = erase;
    this.completeness = completeness;
    this.secret = secret;
  }

  /// Erases what the log holds of a person: `{"person": ID or ADDRESS, "reason": CODE}`.
  @POST
  @Path("/erasures")
  @Consumes(MediaType.APPLICATION_JSON)
  @RequestBody(content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
  @APIResponse(
      responseCode = "200",
      description = "What went: entries, leaves, receipt (`salt`), and whether there is `more`.")
  @APIResponse(responseCode = "400", description = "The reason is no code, or names the person.")
  @APIResponse(responseCode = "401", description = "Not the operator's secret.")
  @APIResponse(responseCode = "404", description = "No entry that has its content mentions them.")
  @APIResponse(responseCode = "409", description = "All that mentions them is too young.")
  @APIResponse(responseCode = "413", description = "More than 16 KiB.")
  @APIResponse(
      responseCode = "503",
      description = "The index has not seen the newest entries yet: ask again.")
  public Uni<Response> erase(@Context HttpHeaders headers, byte @Nullable [] body) {
    return asOperator(
        headers,
        body,
        asked ->
            erase
                .erase(asked.path("person").asText(), asked.path("reason").asText().strip())
                .map(OperatorResource::answer));
  }

  private static Response answer(ErasePerson.Result result) {
    return switch (result) {
      case ErasePerson.Result.Done done -> {
        ObjectNode answer = kept(done.kept());
        answer.put("entries", done.entries()).put("more", done.more()).put("salt", done.salt());
        done.leaves().forEach(answer.putArray("leaves")::add);
        yield Response.ok(EventJson.write(answer), MediaType.APPLICATION_JSON_TYPE).build();
      }
      case ErasePerson.Result.Nobody _ ->
          Problems.problem(
              404,
              "nobody",
              "Nothing erased",
              "no entry that has its content mentions them; write the id or address as the entries"
                  + " have it");
      case ErasePerson.Result.TooYoung young ->
          Problems.problem(
              409,
              "too-young",
              "Nothing erased",
              young.kept().entries()
                  + " entries mention them, and countersign.log.keep-at-least has them kept; ask"
                  + " again after "
                  + young.kept().until());
      case ErasePerson.Result.NoReason _ ->
          Problems.problem(
              400,
              "reason",
              "Nothing erased",
              "the reason stands in the log for ever: give a code of small letters, digits, - and"
                  + " ., such as requested or case-4711, in which no part of the person's name,"
                  + " address or number stands");
      case ErasePerson.Result.NotIndexed _ ->
          Problems.problem(
              503,
              "not-indexed",
              "Nothing erased",
              "the index has not seen the newest entries yet; ask again in a minute");
    };
  }

  private static ObjectNode kept(Erasures.@Nullable Kept kept) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    if (kept == null) {
      return answer;
    }
    answer.put("kept", kept.entries());
    if (kept.entries() > 0) {
      answer.put("keptUntil", String.valueOf(kept.until()));
    }
    return answer;
  }

  /// Takes the word that somebody looked after a gap: `{"why": …}`.
  @POST
  @Path("/gaps/{gap}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RequestBody(content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
  @APIResponse(responseCode = "204", description = "It is settled.")
  @APIResponse(responseCode = "400", description = "No words, or too many.")
  @APIResponse(responseCode = "401", description = "Not the operator's secret.")
  @APIResponse(
      responseCode = "404",
      description = "There is no such gap, or it was settled before.")
  @APIResponse(responseCode = "413", description = "More than 16 KiB.")
  public Uni<Response> settle(
      @Context HttpHeaders headers, @PathParam("gap") long gap, byte @Nullable [] body) {
    return settle(headers, body, "gap", why -> completeness.settle(gap, OPERATOR, why));
  }

  /// Takes the word that somebody looked after contents that a backup brought back, by the leaf
  /// that says they are erased, or by many, `7-1446`: `{"why": …}`.
  @POST
  @Path("/erasures/{leaf}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RequestBody(content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
  @APIResponse(responseCode = "204", description = "It is settled.")
  @APIResponse(responseCode = "400", description = "No words, or too many.")
  @APIResponse(responseCode = "401", description = "Not the operator's secret.")
  @APIResponse(
      responseCode = "404",
      description = "There is no such leaf to settle, or it was settled before.")
  @APIResponse(responseCode = "413", description = "More than 16 KiB.")
  public Uni<Response> settleReturned(
      @Context HttpHeaders headers, @PathParam("leaf") String leaf, byte @Nullable [] body) {
    Matcher leaves = LEAVES.matcher(leaf);
    if (!leaves.matches()) {
      return settle(headers, body, "leaf", _ -> Uni.createFrom().item(false));
    }
    long first = Long.parseLong(leaves.group(1));
    long last = leaves.group(2) == null ? first : Long.parseLong(leaves.group(2));
    return settle(
        headers, body, "leaf", why -> completeness.settleReturned(first, last, OPERATOR, why));
  }

  private Uni<Response> settle(
      HttpHeaders headers,
      byte @Nullable [] body,
      String what,
      Function<String, Uni<Boolean>> settle) {
    return asOperator(
        headers,
        body,
        asked -> {
          String why = asked.path("why").asText().strip();
          if (why.isEmpty() || why.length() > LONGEST_WHY || why.indexOf('\0') >= 0) {
            return Uni.createFrom()
                .item(
                    Problems.problem(
                        400,
                        "why",
                        "Not settled",
                        "say in 1 to " + LONGEST_WHY + " characters what was found"));
          }
          return settle
              .apply(why)
              .map(settled ->
                  settled
                      ? Response.noContent().build()
                      : Problems.problem(
                          404,
                          "no-" + what,
                          "Not settled",
                          "there is no such %s to settle, or it was settled before; /completeness"
                                  .formatted(what)
                              + " lists them"));
        });
  }

  private Uni<Response> asOperator(
      HttpHeaders headers, byte @Nullable [] body, Function<JsonNode, Uni<Response>> work) {
    JsonNode asked;
    try {
      asked = BODY.readTree(body == null ? new byte[0] : body);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(Problems.tooLarge(e));
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              Problems.problem(
                  400, "unreadable", "Not readable", "send a JSON object with what is asked for"));
    }
    String given = Objects.requireNonNullElse(headers.getHeaderString("Authorization"), "");
    boolean isOperator =
        secret.isPresent()
            && !secret.get().isBlank()
            && MessageDigest.isEqual(bytes("Bearer " + secret.get()), bytes(given));
    return isOperator
        ? work.apply(asked)
        : Uni.createFrom()
            .item(
                Problems.problem(
                    401,
                    "not-the-operator",
                    "Not the operator",
                    "This is for ./countersign on the machine that runs the service, and for who"
                        + " holds countersign.operator.secret"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
