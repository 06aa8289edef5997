package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Tool;
import dev.countersign.ticket.application.Archive;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Lookalikes;
import dev.countersign.ticket.application.Tickets;
import dev.countersign.ticket.domain.AgentSession;
import dev.countersign.ticket.domain.Names;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Precedents;
import dev.countersign.ticket.domain.Precedents.Precedent;
import dev.countersign.ticket.domain.Precedents.Value;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What else is on file, in PostgreSQL.
@ApplicationScoped
class PostgresArchive implements Archive {

  /// As many as it takes to see that what a field shows is always new.
  private static final int LIKE_IT = 5;

  /// What is longer looks like nothing that anybody knows by sight.
  private static final int LONGEST_NAME = 300;

  private static final int LARGEST_CODE = 16;
  private static final Instant LAST = Instant.EPOCH.plus(Duration.ofDays(400_000));

  private static final String REMEMBER =
      """
      insert into approved_value (digest, skeleton, value, at)
      select decode(digest, 'hex'), decode(skeleton, 'hex'), value, at
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (digest text, skeleton text, value text, at timestamptz)
      order by digest
      on conflict (digest) do nothing
      """;

  private static final String LIKE =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t
          where t.state = 'approved' and t.prompt is not null and t.trusted_by is null and t.toolset = :toolset and t.tool = :tool
              and t.agent = :agent and coalesce(t.platform, '') = :platform
              and t.decided_at < cast(cast(:before as text) as timestamptz)
              and t.action_id <> cast(cast(:id as text) as uuid)
          order by t.decided_at desc limit :most
          """;

  // Each value's first approval, and apart from them what only looks like one, as that may be many.
  private static final String KNOWN =
      """
      select encode(digest, 'hex'), encode(skeleton, 'hex'), value,
          cast(extract(epoch from at) * 1000000 as bigint) from approved_value
      where at < cast(cast(:before as text) as timestamptz) and digest = any (array (
          select decode(value, 'hex') from json_array_elements_text(cast(cast(:digests as text) as json))))
      union all
      (select encode(digest, 'hex'), encode(skeleton, 'hex'), value,
          cast(extract(epoch from at) * 1000000 as bigint) from approved_value
      where at < cast(cast(:before as text) as timestamptz) and skeleton = any (array (
          select decode(value, 'hex') from json_array_elements_text(cast(cast(:skeletons as text) as json))))
      limit 500)
      """;

  private static final String RUN =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t
          where t.agent = :agent and t.session = :session and coalesce(t.platform, '') = :platform
              and t.action_id <> cast(cast(:id as text) as uuid) and t.tool is not null
          order by t.opened_at desc limit :most
          """;

  private static final String LOOKS =
      """
      select approver, cast(extract(epoch from at) * 1000000 as bigint) from seen
      where action_id = cast(cast(:id as text) as uuid) order by at, approver
      """;

  private static final String SEARCH =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t
          where t.prompt is not null
              and (t.opened_at, t.action_id)
                  < (cast(cast(:at as text) as timestamptz), cast(cast(:id as text) as uuid))
              and t.opened_at >= cast(cast(:since as text) as timestamptz)
              and t.opened_at < cast(cast(:until as text) as timestamptz)
              and (:state = '' or t.state = :state)
              and (t.short_code = :code
                  or (t.asks && array(
                          select json_array_elements_text(cast(cast(:groups as text) as json)))
                      or exists (select 1 from vote v
                          where v.action_id = t.action_id and v.approver = :approver))
                  and (:words = '' or strpos(lower(t.agent), :words) > 0
                      or strpos(lower(t.session), :words) > 0
                      or strpos(lower(t.toolset || '/' || t.tool), :words) > 0))
          order by t.opened_at desc, t.action_id desc limit :most
          """;

  @Override
  public Uni<Void> remember(Mutiny.StatelessSession session, List<Tickets.Decided> decided) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Tickets.Decided each : decided) {
      // What nobody looked at is no precedent.
      if (each.outcome() instanceof Outcome.Answered answered
          && answered.ticket() instanceof Ticket.Approved approved
          && approved.trust() == null) {
        remember(rows, Objects.requireNonNull(each.docket().question()), approved.at());
      }
    }
    return rows.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(REMEMBER)
            .setParameter("rows", rows.toString())
            .executeUpdate()
            .replaceWithVoid();
  }

  private static void remember(ArrayNode rows, Question question, Instant at) {
    Tool tool = question.action().tool();
    for (Prompt.Field each : Precedents.shown(question.prompt())) {
      rows.addObject()
          .put("digest", digest(tool, Value.of(each.label(), each.value())))
          .put("skeleton", skeleton(tool, each.value()))
          .put("value", isName(each.value()) ? Columns.text(each.value()) : "")
          .put("at", at.toString());
    }
  }

  @Override
  public Uni<Approved> approved(
      Mutiny.StatelessSession session, ActionId id, Question question, Instant before) {
    Tool tool = question.action().tool();
    AgentSession run = AgentSession.of(question.action().agent());
    Map<String, String> bySkeleton = new HashMap<>();
    for (Prompt.Field each : Precedents.shown(question.prompt())) {
      if (isName(each.value())) {
        bySkeleton.put(skeleton(tool, each.value()), each.value());
      }
    }
    return session
        .createNativeQuery(LIKE, TicketRow.class)
        .setParameter("toolset", Names.indexed(tool.toolset()))
        .setParameter("tool", Names.indexed(tool.name()))
        .setParameter("agent", run.agent())
        .setParameter("platform", orEmpty(run.platform()))
        .setParameter("before", before.toString())
        .setParameter("id", id.toString())
        .setParameter("most", LIKE_IT)
        .getResultList()
        .map(rows -> rows.stream().map(PostgresArchive::precedent).toList())
        .chain(likeIt -> {
          Map<String, Value> byDigest = values(tool, question.prompt(), likeIt);
          return session
              .createNativeQuery(KNOWN, Object[].class)
              .setParameter("before", before.toString())
              .setParameter("digests", array(byDigest.keySet()))
              .setParameter("skeletons", array(bySkeleton.keySet()))
              .getResultList()
              .map(known ->
                  new Approved(
                      new Precedents(likeIt, firstApproved(known, byDigest)),
                      alike(known, bySkeleton)));
        });
  }

  /// Every value that the question shows, and what stood under its labels in those like it.
  private static Map<String, Value> values(Tool tool, Prompt prompt, List<Precedent> likeIt) {
    Map<String, Value> values = new HashMap<>();
    Set<String> labels = new HashSet<>();
    for (Prompt.Field each : Precedents.shown(prompt)) {
      labels.add(each.label());
      put(values, tool, each);
    }
    for (Precedent each : likeIt) {
      Precedents.shown(each.prompt()).stream()
          .filter(field -> labels.contains(field.label()))
          .forEach(field -> put(values, tool, field));
    }
    return values;
  }

  private static void put(Map<String, Value> values, Tool tool, Prompt.Field field) {
    Value value = Value.of(field.label(), field.value());
    values.put(digest(tool, value), value);
  }

  private static Precedent precedent(TicketRow row) {
    return new Precedent(
        new ActionId(row.actionId),
        Objects.requireNonNull(row.decidedAt),
        Objects.requireNonNull(Dockets.question(row)));
  }

  private static Map<Value, Instant> firstApproved(
      List<Object[]> rows, Map<String, Value> byDigest) {
    Map<Value, Instant> first = new HashMap<>();
    for (Object[] row : rows) {
      Value value = byDigest.get((String) row[0]);
      if (value != null) {
        first.put(value, Instant.EPOCH.plus((Long) row[3], ChronoUnit.MICROS));
      }
    }
    return first;
  }

  /// Of the values that look like an approved one, those that are another.
  private static Map<String, String> alike(List<Object[]> rows, Map<String, String> bySkeleton) {
    Map<String, String> alike = new HashMap<>();
    Set<String> same = new HashSet<>();
    for (Object[] row : rows) {
      String value = bySkeleton.get((String) row[1]);
      String approved = (String) row[2];
      if (value != null && !approved.isEmpty()) {
        if (approved.equals(Columns.text(value))) {
          same.add(value);
        }
        alike.putIfAbsent(value, approved);
      }
    }
    // Two approved values that look alike are both known.
    alike.keySet().removeAll(same);
    return alike;
  }

  @Override
  public Uni<List<Entry>> run(
      Mutiny.StatelessSession session, ActionId id, Question question, int atMost) {
    AgentSession run = AgentSession.of(question.action().agent());
    if (run.session() == null) {
      return Uni.createFrom().item(List.of());
    }
    return session
        .createNativeQuery(RUN, TicketRow.class)
        .setParameter("agent", run.agent())
        .setParameter("session", orEmpty(run.session()))
        .setParameter("platform", orEmpty(run.platform()))
        .setParameter("id", id.toString())
        .setParameter("most", atMost)
        .getResultList()
        .chain(rows -> Dockets.dockets(session, rows).map(dockets -> entries(rows, dockets)));
  }

  private static List<Entry> entries(List<TicketRow> rows, List<Docket> dockets) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      TicketRow row = rows.get(i);
      entries.add(
          new Entry(
              dockets.get(i),
              row.openedAt,
              new Tool(String.valueOf(row.toolset), String.valueOf(row.tool))));
    }
    return entries;
  }

  @Override
  public Uni<List<Look>> looks(Mutiny.StatelessSession session, ActionId id) {
    return session
        .createNativeQuery(LOOKS, Object[].class)
        .setParameter("id", id.toString())
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(row ->
                    new Look((String) row[0], Instant.EPOCH.plus((Long) row[1], ChronoUnit.MICROS)))
                .toList());
  }

  @Override
  public Uni<List<Docket>> search(
      Mutiny.StatelessSession session,
      String approver,
      Set<String> groups,
      Wanted wanted,
      int atMost) {
    String words = wanted.words() == null ? "" : Columns.text(wanted.words().strip());
    Cursor after = wanted.after();
    return session
        .createNativeQuery(SEARCH, TicketRow.class)
        // From the end of time where there is no last one.
        .setParameter("at", after == null ? LAST.toString() : after.openedAt().toString())
        .setParameter(
            "id", (after == null ? new UUID(-1, -1) : after.actionId().value()).toString())
        .setParameter("since", orElse(wanted.since(), Instant.EPOCH))
        .setParameter("until", orElse(wanted.until(), LAST))
        .setParameter("state", wanted.standing() == null ? "" : wanted.standing().word())
        .setParameter("code", words.length() > LARGEST_CODE ? "" : words.toUpperCase(Locale.ROOT))
        .setParameter("groups", array(groups))
        .setParameter("approver", approver)
        .setParameter("words", words.toLowerCase(Locale.ROOT))
        .setParameter("most", atMost)
        .getResultList()
        .chain(rows -> Dockets.dockets(session, rows));
  }

  private static String orElse(@Nullable Instant at, Instant other) {
    return (at == null ? other : at).toString();
  }

  private static boolean isName(String value) {
    return value.length() <= LONGEST_NAME;
  }

  private static String digest(Tool tool, Value value) {
    return hash(tool, value.label(), value.plain());
  }

  private static String skeleton(Tool tool, String value) {
    return isName(value) ? hash(tool, "", Lookalikes.skeleton(value)) : hash(tool, "", "");
  }

  /// Hex of SHA-256; what the parts hold is none of them's separator.
  private static String hash(Tool tool, String label, String text) {
    ObjectNode parts =
        JsonNodeFactory.instance
            .objectNode()
            .put("toolset", tool.toolset())
            .put("tool", tool.name())
            .put("label", label)
            .put("text", text);
    return Digest.of(parts.toString().getBytes(StandardCharsets.UTF_8))
        .value()
        .substring("sha256:".length());
  }

  private static String array(Iterable<String> texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    texts.forEach(text -> array.add(Columns.text(text)));
    return array.toString();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : Columns.text(text);
  }
}
