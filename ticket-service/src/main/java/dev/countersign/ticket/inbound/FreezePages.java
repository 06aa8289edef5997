package dev.countersign.ticket.inbound;

import dev.countersign.events.Oversight;
import dev.countersign.ticket.application.FreezeExecutions;
import dev.countersign.ticket.application.Freezes;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// What is frozen, for everybody; and the button that freezes, for admins.
@Path("/freezes")
@Produces("text/html;charset=UTF-8")
public class FreezePages {

  private static final URI HERE = URI.create("/freezes");

  private final Visitors visitors;
  private final FreezeExecutions freeze;
  private final Roster roster;
  private final Pages pages;
  private final Template freezes;

  @Inject
  FreezePages(
      Visitors visitors,
      FreezeExecutions freeze,
      Roster roster,
      Pages pages,
      @Location("freezes.html") Template freezes) {
    this.visitors = visitors;
    this.freeze = freeze;
    this.roster = roster;
    this.pages = pages;
    this.freezes = freezes;
  }

  /// One freeze as it is shown.
  ///
  /// @param lift what lifts it, to be typed; null where it is lifted
  record Row(
      String words,
      String by,
      String reason,
      String at,
      @Nullable String lift,
      @Nullable String liftedBy,
      @Nullable String liftedAt) {}

  /// What was typed, and what was wrong with it.
  ///
  /// @param what `all`, `agent` or `toolset`
  record Typed(String what, String name, String reason, @Nullable String fault) {
    static final Typed NOTHING = new Typed("agent", "", "", null);
  }

  @GET
  @Operation(hidden = true)
  public Uni<Response> list(@Context HttpHeaders headers) {
    return forSignedIn(headers, signed -> page(Response.Status.OK, signed, Typed.NOTHING));
  }

  /// Freezes at once: whoever finds out that it was wrong has two admins lift it.
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> freeze(
      @FormParam("token") @Nullable String token,
      @FormParam("what") @Nullable String what,
      @FormParam("name") @Nullable String name,
      @FormParam("reason") @Nullable String reason,
      @Context HttpHeaders headers) {
    Typed typed =
        new Typed(
            Objects.requireNonNullElse(what, ""),
            Objects.requireNonNullElse(name, "").strip(),
            Objects.requireNonNullElse(reason, "").strip(),
            null);
    return forSignedIn(headers, signed -> freeze(signed, typed, token, headers));
  }

  private Uni<Response> freeze(
      SignIn.Signed signed, Typed typed, @Nullable String token, HttpHeaders headers) {
    Words common = pages.words(Words.class);
    FreezeWords words = pages.words(FreezeWords.class);
    if (visitors.isForeign(headers)) {
      return page(Response.Status.FORBIDDEN, signed, faulty(typed, common.foreign()));
    }
    if (!Visitors.isOwnForm(signed, token)) {
      return page(Response.Status.FORBIDDEN, signed, faulty(typed, common.notYourForm()));
    }
    if (!roster.isAdmin(signed.approver())) {
      return page(Response.Status.FORBIDDEN, signed, faulty(typed, words.adminsOnly()));
    }
    if (!List.of("all", "agent", "toolset").contains(typed.what)) {
      return page(Response.Status.BAD_REQUEST, signed, faulty(typed, words.sayWhat()));
    }
    try {
      Oversight.Frozen frozen =
          new Oversight.Frozen(
              typed.what.equals("agent") ? typed.name : null,
              typed.what.equals("toolset") ? typed.name : null);
      return freeze
          .freeze(frozen, signed.approver(), typed.reason)
          .replaceWith(Response.seeOther(HERE).build());
    } catch (IllegalArgumentException _) {
      return page(
          Response.Status.BAD_REQUEST,
          signed,
          faulty(typed, words.sayWhatAndWhy(FreezeExecutions.LONGEST)));
    }
  }

  private static Typed faulty(Typed typed, String fault) {
    return new Typed(typed.what, typed.name, typed.reason, fault);
  }

  private Uni<Response> page(Response.Status status, SignIn.Signed signed, Typed typed) {
    Moments moments = pages.moments(signed.approver());
    return freeze
        .all()
        .chain(all ->
            pages.render(
                status,
                signed,
                freezes
                    .data("rows", all.stream().map(each -> row(each, moments)).toList())
                    .data("admin", roster.isAdmin(signed.approver()))
                    .data("typed", typed)));
  }

  private Row row(Freezes.Freeze freeze, Moments moments) {
    FreezeWords words = pages.words(FreezeWords.class);
    Oversight.Frozen frozen = freeze.frozen();
    String what =
        frozen.agent() != null
            ? words.ofAgent(frozen.agent())
            : frozen.toolset() != null ? words.ofToolset(frozen.toolset()) : words.ofAll();
    return new Row(
        what,
        freeze.by().equals("operator") ? words.operator() : roster.name(freeze.by()),
        freeze.reason(),
        moments.at(freeze.at()),
        freeze.lifted().isPresent() ? null : "./countersign lift " + freeze.id(),
        freeze.lifted().map(it -> it.by().toString()).orElse(null),
        freeze.lifted().map(it -> moments.at(it.at())).orElse(null));
  }

  private Uni<Response> forSignedIn(
      HttpHeaders headers, Function<SignIn.Signed, Uni<Response>> work) {
    return visitors
        .find(headers)
        .chain(signed ->
            signed
                .map(work)
                .orElseGet(() ->
                    Uni.createFrom()
                        .item(Response.seeOther(URI.create("/sign-in?then=/freezes")).build())));
  }
}
