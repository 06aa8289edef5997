package dev.countersign.audit.inbound;

import dev.countersign.audit.application.SearchActions;
import dev.countersign.audit.domain.Outcome;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Searching, for people.
@Path("/")
public class SearchPage {

  private final SearchActions actions;
  private final Pages pages;
  private final Template page;
  private final URI tickets;

  @Inject
  SearchPage(
      SearchActions actions,
      Pages pages,
      @Location("search.html") Template page,
      @ConfigProperty(name = "countersign.ticket.url") URI tickets) {
    this.actions = actions;
    this.pages = pages;
    this.page = page;
    this.tickets = tickets;
  }

  /// A choice of outcome.
  record Choice(String value, String label, boolean chosen) {}

  /// An action that was found.
  record Row(
      String id,
      String what,
      String tone,
      String tool,
      String agent,
      String at,
      String people,
      String entries,
      String erased,
      String ticket) {}

  @GET
  @Produces("text/html;charset=UTF-8")
  @Operation(hidden = true)
  public Uni<Response> search(@BeanParam Query query) {
    SearchActions.Wanted wanted;
    try {
      wanted = query.wanted();
    } catch (Query.Unreadable e) {
      return render(Response.Status.BAD_REQUEST, query, List.of(), null, notice(e.part()));
    }
    return actions
        .search(wanted)
        .chain(found ->
            render(
                Response.Status.OK,
                query,
                found.actions().stream().map(this::row).toList(),
                found.next(),
                null));
  }

  private String notice(String part) {
    SearchWords words = pages.words(SearchWords.class);
    return switch (part) {
      case "action" -> words.notAnId();
      case "from", "to" -> words.notADate();
      default -> words.notOurs();
    };
  }

  private Uni<Response> render(
      Response.Status status,
      Query query,
      List<Row> rows,
      @Nullable Long next,
      @Nullable String notice) {
    return pages.render(
        status,
        "search",
        page.data("rows", rows)
            .data("notice", notice)
            .data("action", Query.orEmpty(query.action()))
            .data("agent", Query.orEmpty(query.agent()))
            .data("person", Query.orEmpty(query.person()))
            .data("tool", Query.orEmpty(query.tool()))
            .data("since", Query.orEmpty(query.from()))
            .data("until", Query.orEmpty(query.to()))
            .data("outcomes", choices(Query.orEmpty(query.outcome())))
            .data("next", next == null ? null : query.path("/", next)));
  }

  private List<Choice> choices(String chosen) {
    return Arrays.stream(Outcome.values())
        .map(each -> new Choice(each.word(), pages.word(each), each.word().equals(chosen)))
        .toList();
  }

  private Row row(SearchActions.Listed found) {
    SearchWords words = pages.words(SearchWords.class);
    String id = found.actionId().toString();
    return new Row(
        id,
        found.outcome().map(pages::word).orElseGet(() -> pages.words(Words.class).noAction()),
        found.outcome().map(SearchPage::tone).orElse(""),
        tool(found),
        found.agent() == null ? "" : words.byAgent(Plain.text(found.agent())),
        pages.at(found.at()),
        found.people().isEmpty()
            ? ""
            : words.people(
                found.people().stream().map(Plain::text).collect(Collectors.joining(", "))),
        words.entries(found.entries()),
        found.erased() == 0 ? "" : words.erased(found.erased()),
        tickets.resolve("/tickets/" + id).toString());
  }

  private static String tool(SearchActions.Listed found) {
    if (found.tool() == null) {
      return found.topic();
    }
    return Plain.text(
        found.toolset() == null ? found.tool() : found.toolset() + "/" + found.tool());
  }

  private static String tone(Outcome outcome) {
    return switch (outcome) {
      case RECEIVED, WAITING, CANCELLED -> "";
      case APPROVED, SUCCEEDED -> "good";
      case REJECTED, DENIED, EXPIRED, REFUSED -> "no";
      case FAILED, PRECONDITION_FAILED, UNKNOWN -> "bad";
    };
  }
}
