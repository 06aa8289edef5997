package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.BadFile;
import dev.countersign.config.BadValue;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.domain.BodyTemplate;
import dev.countersign.executor.domain.Connector;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Template;
import dev.countersign.executor.domain.UrlTemplate;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// `connectors.yaml`: read at the start, without which the executor does not run, and again when it
/// changes.
@Startup
@ApplicationScoped
class ConnectorsFile implements OpenConnectors {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?}");
  private static final int CONCURRENCY = 32;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration REPORT = Duration.ofMinutes(15);
  private static final Duration LONGEST_REPORT = Duration.ofHours(24);

  private final OperatorFile<Connectors> file;

  @Inject
  ConnectorsFile(@ConfigProperty(name = "countersign.config") Path folder) throws BadFile {
    this.file =
        OperatorFile.open(
            folder.resolve("connectors.yaml"),
            "schema/connectors.schema.json",
            json -> parse(json, System::getenv));
  }

  @Override
  public Connectors current() {
    return file.current();
  }

  /// Why the file as it stands on disk is not in force; empty where it is.
  Optional<String> problem() {
    return file.problem();
  }

  String version() {
    return file.version();
  }

  @PreDestroy
  void close() {
    file.close();
  }

  /// Makes connectors of what has passed the schema; throws {@link BadValue} where a value is no
  /// good all the same.
  static Connectors parse(JsonNode json, UnaryOperator<@Nullable String> environment) {
    Map<Tool, Connector> byTool = new HashMap<>();
    json.path("connectors")
        .properties()
        .forEach(each -> {
          String name = each.getKey();
          String pointer = "/connectors/" + name.replace("~", "~0").replace("/", "~1");
          int slash = name.indexOf('/');
          byTool.put(
              new Tool(name.substring(0, slash), name.substring(slash + 1)),
              connector(each.getValue(), pointer, environment));
        });
    return new Connectors(byTool);
  }

  private static Connector connector(
      JsonNode json, String pointer, UnaryOperator<@Nullable String> environment) {
    // The schema knows no other.
    return json.path("type").textValue().equals("delegated")
        ? new DelegatedConnector(
            at(
                pointer + "/report",
                () -> duration("report", json.path("report"), REPORT, LONGEST_REPORT)),
            floor(json.path("requires")))
        : http(json, pointer, environment);
  }

  private static HttpConnector http(
      JsonNode json, String pointer, UnaryOperator<@Nullable String> environment) {
    UrlTemplate url =
        at(pointer + "/url", () -> UrlTemplate.of(expand(json.path("url"), environment)));
    Set<String> hosts = new HashSet<>();
    for (JsonNode host : json.path("hosts")) {
      hosts.add(at(pointer + "/hosts", () -> expand(host, environment)).toLowerCase(Locale.ROOT));
    }
    Map<String, Template> headers = new HashMap<>();
    json.path("headers")
        .properties()
        .forEach(each ->
            headers.put(
                each.getKey(),
                at(
                    pointer + "/headers",
                    () -> {
                      if (each.getValue().textValue().contains("?}")) {
                        throw new IllegalArgumentException(
                            "a header has no optional placeholders; drop the ?");
                      }
                      return Template.of(each.getValue().textValue());
                    })));
    JsonNode body = json.get("body");
    Duration timeout =
        at(
            pointer + "/timeout",
            () -> duration("timeout", json.path("timeout"), TIMEOUT, LONGEST_TIMEOUT));
    Map<Integer, Status> outcomes = new HashMap<>();
    json.path("outcomes")
        .properties()
        .forEach(each ->
            outcomes.put(
                Integer.valueOf(each.getKey()),
                EventJson.read(EventJson.write(each.getValue()), Status.class)));
    return at(
        pointer,
        () ->
            new HttpConnector(
                json.path("method").textValue(),
                url,
                headers,
                body == null || body.isNull()
                    ? null
                    : at(pointer + "/body", () -> BodyTemplate.of(body)),
                credential(json.path("credential")),
                hosts,
                json.path("allowPrivate").booleanValue(),
                timeout,
                json.path("idempotent").booleanValue(),
                json.path("concurrency").asInt(CONCURRENCY),
                outcomes,
                floor(json.path("requires"))));
  }

  private static Floor floor(JsonNode json) {
    return json.isObject()
        ? new Floor(
            json.path("votes").asInt(1),
            json.has("assurance")
                ? EventJson.read(EventJson.write(json.path("assurance")), Assurance.class)
                : Assurance.CODE)
        : Floor.NONE;
  }

  private static Duration duration(String name, JsonNode json, Duration usual, Duration longest) {
    if (!json.isTextual()) {
      return usual;
    }
    Duration duration;
    try {
      duration = Duration.parse(json.textValue());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "write the " + name + " as an ISO 8601 duration, as in " + usual, e);
    }
    if (duration.toMillis() < 1 || duration.compareTo(longest) > 0) {
      throw new IllegalArgumentException("the " + name + " must be within PT0.001S and " + longest);
    }
    return duration;
  }

  private static @Nullable Credential credential(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    return new Credential(
        json.has("file")
            ? new Credential.Source.File(json.path("file").textValue())
            : new Credential.Source.Environment(json.path("env").textValue()),
        json.path("as").textValue().equals("header")
            ? new Credential.Presentation.Header(json.path("header").textValue())
            : new Credential.Presentation.Bearer());
  }

  /// Puts environment variables in their places, `${NAME}` or `${NAME:-default}`.
  private static String expand(JsonNode json, UnaryOperator<@Nullable String> environment) {
    return VARIABLE
        .matcher(json.textValue())
        .replaceAll(found -> {
          String value = environment.apply(found.group(1));
          if (value == null) {
            value = found.group(2);
          }
          if (value == null) {
            throw new IllegalArgumentException(
                "the environment variable "
                    + found.group(1)
                    + " is not set; set it or write"
                    + " ${"
                    + found.group(1)
                    + ":-default}");
          }
          return Matcher.quoteReplacement(value);
        });
  }

  private static <T> T at(String pointer, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new BadValue(pointer, String.valueOf(e.getMessage()));
    }
  }
}
