package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.Archive;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.Lookalikes;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.SearchTickets;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Question;
import io.quarkus.qute.Location;
import io.quarkus.qute.RawString;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Searching tickets, pending and answered.
@Path("/search")
@Produces("text/html;charset=UTF-8")
public class SearchPages {

  private static final int LONGEST_WORDS = 200;

  private final Visitors visitors;
  private final SearchTickets search;
  private final FindTickets find;
  private final Roster roster;
  private final Standings standings;
  private final Pages pages;
  private final Template page;

  @Inject
  SearchPages(
      Visitors visitors,
      SearchTickets search,
      FindTickets find,
      Roster roster,
      Standings standings,
      Pages pages,
      @Location("search.html") Template page) {
    this.visitors = visitors;
    this.search = search;
    this.find = find;
    this.roster = roster;
    this.standings = standings;
    this.pages = pages;
    this.page = page;
  }

  /// What was asked, as it stands in the address.
  public record Query(
      @QueryParam("words") @Nullable String words,
      @QueryParam("state") @Nullable String state,
      @QueryParam("since") @Nullable String since,
      @QueryParam("until") @Nullable String until,
      @QueryParam("after") @Nullable String after) {}

  /// A choice of state.
  record Choice(String value, String label, boolean chosen) {}

  /// A ticket that was found; of one that may not be read its card.
  record Row(
      String id,
      RawString title,
      RawString target,
      String standing,
      String state,
      String asked,
      String code,
      boolean cardOnly) {}

  @GET
  @Operation(hidden = true)
  public Uni<Response> search(@BeanParam Query query, @Context HttpHeaders headers) {
    return visitors
        .find(headers)
        .chain(signed ->
            signed.isPresent()
                ? found(query, signed.get())
                : Uni.createFrom()
                    .item(Response.seeOther(URI.create("/sign-in?then=/search")).build()));
  }

  private Uni<Response> found(Query query, SignIn.Signed signed) {
    Archive.Wanted wanted;
    try {
      wanted = wanted(query, roster.zone(signed.approver()));
    } catch (IllegalArgumentException | DateTimeException e) {
      String notice = pages.words(SearchWords.class).notADate();
      return render(Response.Status.BAD_REQUEST, query, signed, List.of(), null, notice);
    }
    return search
        .search(signed.approver(), wanted)
        .chain(found ->
            render(
                Response.Status.OK,
                query,
                signed,
                found.dockets().stream().map(each -> row(each, signed.approver())).toList(),
                found.next(),
                null));
  }

  private Uni<Response> render(
      Response.Status status,
      Query query,
      SignIn.Signed signed,
      List<Row> rows,
      Archive.@Nullable Cursor next,
      @Nullable String notice) {
    return pages.render(
        status,
        signed,
        page.data("rows", rows)
            .data("notice", notice)
            .data("words", orEmpty(query.words()))
            .data("since", orEmpty(query.since()))
            .data("until", orEmpty(query.until()))
            .data("states", choices(orEmpty(query.state())))
            .data("next", next == null ? null : path(query, next)));
  }

  private List<Choice> choices(String chosen) {
    return Arrays.stream(Standing.values())
        .filter(each ->
            switch (each) {
              case PENDING, APPROVED, REJECTED, EXPIRED, CANCELLED -> true;
              // People were not asked about these, and only what they were asked is searched.
              case DENIED, REFUSED, CANCEL_FIRST -> false;
            })
        .map(each -> new Choice(each.word(), standings.of(each), each.word().equals(chosen)))
        .toList();
  }

  private Row row(Docket docket, String approver) {
    Visible visible = pages.visible(Lookalikes.of(List.of()));
    Moments moments = pages.moments(approver);
    Question question = docket.question();
    if (question == null) {
      String nobodyAsked = pages.words(DecideWords.class).nobodyAsked();
      return row(docket, visible.one(nobodyAsked), visible.one(""), "", "", true);
    }
    boolean mayRead = find.mayRead(docket, approver);
    return row(
        docket,
        visible.cut(
            mayRead ? question.prompt().title() : question.card().title(),
            TicketView.LONGEST_TITLE),
        visible.cut(
            mayRead ? question.prompt().target() : question.card().target(),
            TicketView.LONGEST_TITLE),
        moments.at(question.openedAt()),
        TicketView.shortCode(question),
        !mayRead);
  }

  private Row row(
      Docket docket,
      RawString title,
      RawString target,
      String asked,
      String code,
      boolean cardOnly) {
    return new Row(
        docket.actionId().toString(),
        title,
        target,
        standings.of(docket.standing()),
        docket.standing().word(),
        asked,
        code,
        cardOnly);
  }

  private static Archive.Wanted wanted(Query query, ZoneId zone) {
    return new Archive.Wanted(
        words(query.words()),
        orEmpty(query.state()).isEmpty() ? null : Standing.of(orEmpty(query.state())),
        day(query.since(), zone, 0),
        // Until a day means until that day is over.
        day(query.until(), zone, 1),
        cursor(query.after()));
  }

  private static @Nullable String words(@Nullable String words) {
    if (words == null || words.isBlank()) {
      return null;
    }
    return words.length() <= LONGEST_WORDS ? words : words.substring(0, LONGEST_WORDS);
  }

  private static @Nullable Instant day(@Nullable String day, ZoneId zone, int plus) {
    return day == null || day.isBlank()
        ? null
        : LocalDate.parse(day.strip()).plusDays(plus).atStartOfDay(zone).toInstant();
  }

  private static Archive.@Nullable Cursor cursor(@Nullable String after) {
    if (after == null || after.isBlank()) {
      return null;
    }
    String[] parts = after.split("_", 2);
    if (parts.length != 2) {
      throw new IllegalArgumentException("no cursor of ours");
    }
    return new Archive.Cursor(Instant.parse(parts[0]), ActionId.of(parts[1]));
  }

  private static String path(Query query, Archive.Cursor next) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("words", orEmpty(query.words()));
    parts.put("state", orEmpty(query.state()));
    parts.put("since", orEmpty(query.since()));
    parts.put("until", orEmpty(query.until()));
    parts.put("after", next.openedAt() + "_" + next.actionId());
    return parts.entrySet().stream()
        .filter(each -> !each.getValue().isEmpty())
        .map(each ->
            each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&", "/search?", ""));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
