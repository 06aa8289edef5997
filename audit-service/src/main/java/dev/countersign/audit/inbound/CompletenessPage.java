package dev.countersign.audit.inbound;

import dev.countersign.audit.application.FindCompleteness;
import dev.countersign.audit.application.FindCompleteness.Completeness;
import dev.countersign.audit.application.FindCompleteness.Gap;
import dev.countersign.audit.application.FindCompleteness.Partition;
import dev.countersign.audit.application.FindCompleteness.Returned;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Whether everything that was published is in the log.
@Path("/completeness")
public class CompletenessPage {

  private final FindCompleteness completeness;
  private final Pages pages;
  private final Template page;

  @Inject
  CompletenessPage(
      FindCompleteness completeness, Pages pages, @Location("completeness.html") Template page) {
    this.completeness = completeness;
    this.pages = pages;
    this.page = page;
  }

  /// A topic, with its partitions.
  record Topic(
      String name, String entries, String lag, String missing, boolean alarm, List<Row> rows) {}

  /// A partition.
  record Row(
      int number,
      String next,
      String records,
      String entries,
      String repeats,
      String lag,
      String missing) {}

  /// A gap, or contents that are back.
  ///
  /// @param id as `./countersign settle` takes it
  record OpenRow(String id, String where, String found, String settled, boolean alarm) {}

  @GET
  @Produces("text/html;charset=UTF-8")
  @Operation(hidden = true)
  public Uni<Response> read() {
    return completeness
        .find()
        .chain(found ->
            pages.render(
                Response.Status.OK,
                "completeness",
                page.data("good", found.whole())
                    .data("sentences", sentences(found))
                    .data("topics", topics(found.partitions()))
                    .data(
                        "gaps",
                        Stream.concat(
                                found.returned().stream().map(this::returned),
                                found.gaps().stream().map(this::gap))
                            .sorted(Comparator.comparing(row -> !row.alarm()))
                            .toList())));
  }

  private List<String> sentences(Completeness found) {
    CompletenessWords words = pages.words(CompletenessWords.class);
    List<String> sentences = new ArrayList<>();
    long missing = found.partitions().stream().mapToLong(Partition::missing).sum();
    if (missing > 0) {
      sentences.add(words.missing(pages.number(missing)));
    }
    if (found.gaps().stream().anyMatch(gap -> gap.anew() && gap.alarming())) {
      sentences.add(words.anew());
    }
    List<Returned> returned = found.returned().stream().filter(Returned::alarming).toList();
    if (!returned.isEmpty()) {
      sentences.add(
          words.notErased(
              returned.stream()
                  .limit(20)
                  .map(each -> Long.toString(each.leaf()))
                  .collect(Collectors.joining(", "))));
    }
    if (sentences.isEmpty()) {
      sentences.add(good(found.partitions()));
    }
    return sentences;
  }

  private String good(List<Partition> partitions) {
    CompletenessWords words = pages.words(CompletenessWords.class);
    Optional<Instant> asked =
        partitions.stream()
            .map(Partition::askedAt)
            .filter(Objects::nonNull)
            .min(Comparator.naturalOrder());
    long lag = partitions.stream().mapToLong(Partition::lag).sum();
    if (lag > 0) {
      return words.behind(pages.number(lag));
    }
    return asked.map(at -> words.whole(pages.at(at))).orElseGet(words::notAsked);
  }

  private List<Topic> topics(List<Partition> partitions) {
    Map<String, List<Partition>> byTopic = new LinkedHashMap<>();
    partitions.forEach(
        each -> byTopic.computeIfAbsent(each.topic(), _ -> new ArrayList<>()).add(each));
    return byTopic.entrySet().stream().map(each -> topic(each.getKey(), each.getValue())).toList();
  }

  private Topic topic(String name, List<Partition> partitions) {
    long missing = partitions.stream().mapToLong(Partition::missing).sum();
    return new Topic(
        name,
        pages.number(partitions.stream().mapToLong(Partition::entries).sum()),
        pages.number(partitions.stream().mapToLong(Partition::lag).sum()),
        pages.number(missing),
        missing > 0,
        partitions.stream().map(this::row).toList());
  }

  private Row row(Partition partition) {
    return new Row(
        partition.number(),
        pages.number(partition.next()),
        pages.number(partition.records()),
        pages.number(partition.entries()),
        pages.number(partition.repeats()),
        pages.number(partition.lag()),
        pages.number(partition.missing()));
  }

  private OpenRow returned(Returned returned) {
    CompletenessWords words = pages.words(CompletenessWords.class);
    return new OpenRow(
        "leaf " + returned.leaf(),
        words.whereReturned(returned.leaf()),
        "",
        settled(returned.settledWhy()),
        returned.alarming());
  }

  private String settled(@Nullable String why) {
    return why == null ? "" : pages.words(CompletenessWords.class).settled(Plain.text(why));
  }

  private OpenRow gap(Gap gap) {
    CompletenessWords words = pages.words(CompletenessWords.class);
    return new OpenRow(
        Long.toString(gap.id()),
        gap.anew()
            ? words.whereAnew(gap.topic(), gap.partition())
            : words.where(
                gap.topic(),
                gap.partition(),
                pages.number(gap.first()),
                pages.number(gap.past() - 1)),
        words.noted(pages.at(gap.notedAt()))
            + " · "
            + (gap.found() == null
                ? words.notLooked()
                : words.found(pages.number(gap.found()), pages.number(gap.missing()))),
        settled(gap.settledWhy()),
        gap.alarming());
  }
}
