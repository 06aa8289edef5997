package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.RegularExpression;
import dev.countersign.policy.domain.ParameterSchema;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The catalogue's JSON Schemas of parameters (draft 2020-12), and those of MCP servers, which may
/// say that they are of an older draft. Patterns are RE2, whose time is linear in the text: the
/// text is an agent's.
final class JsonSchemas {

  // None but those that are at hand: nothing is fetched because a stranger's schema names it.
  private static final Set<String> DIALECTS =
      Set.of(
          "https://json-schema.org/draft/2020-12/schema",
          "https://json-schema.org/draft/2019-09/schema",
          "http://json-schema.org/draft-07/schema");
  private static final List<String> REFERENCES = List.of("$ref", "$dynamicRef", "$recursiveRef");

  private JsonSchemas() {}

  /// Throws `IllegalArgumentException` with a sentence where the schema can't be used.
  static ParameterSchema compile(JsonNode json) {
    rejectReferences(json);
    for (String dialect : json.findValuesAsText("$schema")) {
      // Blank where it is no text but a property of that name.
      if (!dialect.isEmpty()
          && !DIALECTS.contains(dialect.endsWith("#") ? chopped(dialect) : dialect)) {
        throw new IllegalArgumentException("$schema names a draft that is not read here");
      }
    }
    Schema schema = registry().getSchema(json);
    schema.initializeValidators();
    return parameters -> {
      List<Error> errors = schema.validate(parameters);
      return errors.isEmpty() ? Optional.empty() : Optional.of(describe(errors.getFirst()));
    };
  }

  /// One for each schema: two that call themselves the same by `$id` are two all the same.
  private static SchemaRegistry registry() {
    return SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12,
        builder ->
            builder.schemaRegistryConfig(
                SchemaRegistryConfig.builder()
                    .formatAssertionsEnabled(true)
                    .failFast(true)
                    .regularExpressionFactory(JsonSchemas::linear)
                    .build()));
  }

  private static String chopped(String text) {
    return text.substring(0, text.length() - 1);
  }

  /// Where and which keyword: the library's sentences hold the value, and that may be sensitive.
  private static String describe(Error error) {
    String where = "parameters" + error.getInstanceLocation();
    return switch (error.getKeyword()) {
      case "required" -> where + "/" + error.getProperty() + " is missing.";
      case "additionalProperties", "unevaluatedProperties" ->
          where
              + " has a member that the catalogue does not know: "
              + name(error.getProperty())
              + ".";
      case null -> where + " does not fit the catalogue's schema.";
      default ->
          where
              + " does not fit the catalogue's schema: "
              + error.getKeyword()
              + " must be "
              + error.getSchemaNode()
              + ".";
    };
  }

  private static String name(String property) {
    return property.length() <= 100 ? property : property.substring(0, 100) + "…";
  }

  /// What a tool takes stands in the catalogue, not behind an address.
  private static void rejectReferences(JsonNode json) {
    for (String keyword : REFERENCES) {
      for (String reference : json.findValuesAsText(keyword)) {
        if (!reference.isEmpty() && !reference.startsWith("#")) {
          throw new IllegalArgumentException(
              keyword + " may only point into the same schema, with #");
        }
      }
    }
  }

  private static RegularExpression linear(String regex) {
    try {
      Pattern pattern = Pattern.compile(regex);
      return text -> pattern.matcher(text).find();
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("not an RE2 pattern: " + e.getMessage(), e);
    }
  }
}
