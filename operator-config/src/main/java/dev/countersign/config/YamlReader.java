package dev.countersign.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;

/// Reads the part of YAML that JSON can say too: no tags, anchors or aliases, one document, no key
/// twice, no number or truth value but as JSON writes it: YAML 1.1 takes `010` for 8 and `no` for
/// false, others do not. What a reader sees is then what is in force.
final class YamlReader {

  static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_DEPTH = 40;
  // In characters of their pointers, and what each takes beside: 1 MiB can hold so few bytes of so
  // many values, each within so many long names, that no memory is enough.
  private static final int MAX_PLACES = 16 * 1024 * 1024;
  private static final int BESIDE = 100;
  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
  private static final String NOT_YAML = "not YAML: ";
  private static final YAMLFactory YAML = YAMLFactory.builder().loaderOptions(bounds()).build();

  private final String file;
  private final YAMLParser parser;
  private final Map<String, Integer> lines = new HashMap<>();
  private int places;

  private YamlReader(String file, YAMLParser parser) {
    this.file = file;
    this.parser = parser;
  }

  private static LoaderOptions bounds() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_BYTES);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setMaxAliasesForCollections(0);
    return options;
  }

  static Located read(String file, byte[] bytes) throws BadFile {
    if (bytes.length > MAX_BYTES) {
      throw new BadFile(file, 1, "the file is larger than " + MAX_BYTES + " bytes; split it");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadFile(file, 1, "the file is not UTF-8; save it as UTF-8");
    }
    try (YAMLParser parser = YAML.createParser(text)) {
      plain(file, text);
      return new YamlReader(file, parser).document();
    } catch (MarkedYAMLException e) {
      Mark at = e.getProblemMark();
      throw new BadFile(file, at == null ? 1 : at.getLine() + 1, NOT_YAML + e.getProblem());
    } catch (YAMLException e) {
      throw new BadFile(file, 1, NOT_YAML + oneLine(String.valueOf(e.getMessage())));
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      int line = at == null ? 1 : Math.max(1, at.getLineNr());
      throw new BadFile(file, line, NOT_YAML + oneLine(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// An alias makes the file say what does not stand there, and a tag what is not JSON. Looked for
  /// in SnakeYAML's events: Jackson's tokens do not show a scalar's anchor.
  private static void plain(String file, String text) throws BadFile {
    for (Event event : new Yaml(bounds()).parse(new StringReader(text))) {
      int line = event.getStartMark().getLine() + 1;
      if (event instanceof NodeEvent node && node.getAnchor() != null) {
        throw new BadFile(
            file, line, "anchors and aliases (&, *) are not read; write the value out");
      }
      String tag =
          switch (event) {
            case ScalarEvent scalar -> scalar.getTag();
            case CollectionStartEvent collection -> collection.getTag();
            default -> null;
          };
      if (tag != null) {
        throw new BadFile(file, line, "tags (!) are not read; write the plain value");
      }
    }
  }

  private Located document() throws IOException, BadFile {
    if (parser.nextToken() == null) {
      throw new BadFile(file, 1, "the file is empty");
    }
    JsonNode json = value("", 1);
    if (parser.nextToken() != null) {
      throw refuse("a second document begins here; put one document into the file");
    }
    return new Located(json, Map.copyOf(lines));
  }

  private JsonNode value(String pointer, int depth) throws IOException, BadFile {
    if (depth > MAX_DEPTH) {
      throw refuse("nested deeper than " + MAX_DEPTH + " levels");
    }
    stands(pointer);
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(pointer, depth);
      case START_ARRAY -> array(pointer, depth);
      case VALUE_STRING -> JsonNodeFactory.instance.textNode(parser.getText());
      case VALUE_NUMBER_INT -> {
        requireJson(JSON_NUMBER.matcher(parser.getText()).matches());
        yield JsonNodeFactory.instance.numberNode(parser.getBigIntegerValue());
      }
      case VALUE_NUMBER_FLOAT -> {
        requireJson(JSON_NUMBER.matcher(parser.getText()).matches());
        yield JsonNodeFactory.instance.numberNode(parser.getDecimalValue());
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        requireJson(parser.getText().equals(parser.currentToken().asString()));
        yield JsonNodeFactory.instance.booleanNode(parser.currentToken() == JsonToken.VALUE_TRUE);
      }
      case VALUE_NULL -> JsonNodeFactory.instance.nullNode();
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw refuse("a value was expected here");
    };
  }

  private void requireJson(boolean asJsonWritesIt) throws IOException, BadFile {
    if (!asJsonWritesIt) {
      throw refuse(
          "\"%s\" is not the same to every reader of YAML; write it in quotes, or as JSON does"
              .formatted(parser.getText()));
    }
  }

  private ObjectNode object(String pointer, int depth) throws IOException, BadFile {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (object.has(name)) {
        throw refuse("\"" + name + "\" stands twice; keep one of them");
      }
      String child = pointer + Located.step(name);
      stands(child);
      parser.nextToken();
      object.set(name, value(child, depth + 1));
    }
    return object;
  }

  private ArrayNode array(String pointer, int depth) throws IOException, BadFile {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(pointer + "/" + array.size(), depth + 1));
    }
    return array;
  }

  private void stands(String pointer) throws BadFile {
    if (lines.putIfAbsent(pointer, line()) == null) {
      places += pointer.length() + BESIDE;
    }
    if (places > MAX_PLACES) {
      throw refuse("too many values, or within names that are too long; write fewer");
    }
  }

  private int line() {
    return Math.max(1, parser.currentTokenLocation().getLineNr());
  }

  private BadFile refuse(String sentence) {
    return new BadFile(file, line(), sentence);
  }

  static String oneLine(String text) {
    return text.lines()
        .map(String::strip)
        .filter(l -> !l.isEmpty())
        .limit(3)
        .reduce("", (a, b) -> a.isEmpty() ? b : a + "; " + b);
  }
}
