package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelIdent;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelVariableResolver;
import dev.countersign.executor.domain.Expression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Expressions over a target's answer, in the language of policies and within their bounds: the
/// Common Expression Language, in which text has no order.
final class Cel {

  // In all of one evaluation, nested loops multiplied: CEL has no other way to run long.
  private static final int MOST_ITERATIONS = 20_000;
  private static final int MOST_CHARACTERS = 4_000;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .comprehensionMaxIterations(MOST_ITERATIONS)
          .maxExpressionCodePointSize(MOST_CHARACTERS)
          .maxParseRecursionDepth(50)
          .maxRegexProgramSize(1_000)
          .build();

  private static final Pattern ORDER_OF_TEXT =
      Pattern.compile("(?i)(less|less_equals|greater|greater_equals)_string");

  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setOptions(OPTIONS)
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .setStandardEnvironmentEnabled(false)
          .setStandardDeclarations(
              CelStandardDeclarations.newBuilder()
                  .filterFunctions(
                      (_, overload) -> !ordersText(overload.celOverloadDecl().overloadId()))
                  .build())
          .addVar("body", SimpleType.DYN)
          .addVar("status", SimpleType.INT)
          .addVar("etag", SimpleType.STRING)
          .build();

  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder()
          .setOptions(OPTIONS)
          .setStandardFunctions(
              CelStandardFunctions.newBuilder()
                  .filterFunctions((_, overload) -> !ordersText(overload.toString()))
                  .build())
          .build();

  private Cel() {}

  private static boolean ordersText(String overload) {
    return ORDER_OF_TEXT.matcher(overload).matches();
  }

  /// Throws `IllegalArgumentException` with a sentence where the text is no expression, or reads
  /// nothing of the answer.
  static Expression compile(String text) {
    try {
      CelAbstractSyntaxTree tree = COMPILER.compile(text).getAst();
      Names names = new Names();
      names.visit(tree);
      names.found.retainAll(Set.of("body", "status", "etag"));
      if (names.found.isEmpty()) {
        throw new IllegalArgumentException(
            "the expression reads nothing of the answer; write body, status or etag");
      }
      return new Compiled(RUNTIME.createProgram(tree), Set.copyOf(names.found));
    } catch (CelValidationException e) {
      throw new IllegalArgumentException(
          e.getErrors().stream().map(Cel::describe).collect(Collectors.joining("; ")), e);
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException("it can't be evaluated: " + e.getMessage(), e);
    }
  }

  private static String describe(CelIssue issue) {
    String message = issue.getMessage();
    int candidates = message.indexOf(" (candidates:");
    return "not CEL at column "
        + (issue.getSourceLocation().getColumn() + 1)
        + ": "
        + (candidates < 0 ? message : message.substring(0, candidates));
  }

  private static final class Names extends CelExprVisitor {
    private final Set<String> found = new LinkedHashSet<>();

    @Override
    protected void visit(CelExpr expression, CelIdent ident) {
      found.add(ident.name());
      super.visit(expression, ident);
    }
  }

  private record Compiled(CelRuntime.Program program, Set<String> names) implements Expression {

    @Override
    public boolean reads(String name) {
      return names.contains(name);
    }

    @Override
    public JsonNode value(@Nullable JsonNode body, int status, @Nullable String etag)
        throws NotEvaluable {
      Map<String, Object> scope = new HashMap<>();
      scope.put("status", (long) status);
      if (body != null) {
        scope.put("body", plain(body));
      }
      if (etag != null) {
        scope.put("etag", etag);
      }
      Object value;
      try {
        value = program.eval((CelVariableResolver) name -> Optional.ofNullable(scope.get(name)));
      } catch (CelEvaluationException e) {
        throw new NotEvaluable(reason(e));
      } catch (RuntimeException e) {
        // A bug in the evaluator must not become a value.
        throw new NotEvaluable("the evaluator failed with " + e.getClass().getSimpleName());
      }
      return json(value);
    }

    /// CEL's own messages hold the values that they stumbled over, so they stay here.
    private static String reason(CelEvaluationException failure) {
      return switch (failure.getErrorCode()) {
        case ATTRIBUTE_NOT_FOUND -> "something that it reads is missing";
        case OVERLOAD_NOT_FOUND -> "a value is not of the type that it is used as";
        case ITERATION_BUDGET_EXCEEDED -> "it takes too many steps";
        case DIVIDE_BY_ZERO -> "it divides by zero";
        case NUMERIC_OVERFLOW -> "a number is too large";
        case INDEX_OUT_OF_BOUNDS -> "a list is shorter than it expects";
        default -> "it failed with " + failure.getErrorCode();
      };
    }
  }

  private static Object plain(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> map = LinkedHashMap.newLinkedHashMap(json.size());
        json.properties().forEach(member -> map.put(member.getKey(), plain(member.getValue())));
        yield map;
      }
      case ARRAY -> {
        List<Object> list = new ArrayList<>(json.size());
        json.forEach(element -> list.add(plain(element)));
        yield list;
      }
      case STRING -> json.textValue();
      case BOOLEAN -> json.booleanValue();
      case NUMBER ->
          json.isIntegralNumber() ? (Object) json.longValue() : (Object) json.doubleValue();
      case NULL, MISSING, BINARY, POJO -> NullValue.NULL_VALUE;
    };
  }

  private static JsonNode json(Object value) throws Expression.NotEvaluable {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (value) {
      case Boolean it -> json.booleanNode(it);
      case Long it -> json.numberNode(it);
      case Double it when Double.isFinite(it) -> json.numberNode(it);
      case Double _ -> throw new Expression.NotEvaluable("a number is not finite");
      case String it -> json.textNode(it);
      case NullValue _ -> json.nullNode();
      case List<?> list -> {
        ArrayNode array = json.arrayNode();
        for (Object element : list) {
          array.add(json(element));
        }
        yield array;
      }
      case Map<?, ?> map -> {
        ObjectNode object = json.objectNode();
        for (Map.Entry<?, ?> member : map.entrySet()) {
          object.set(String.valueOf(member.getKey()), json(member.getValue()));
        }
        yield object;
      }
      default -> throw new Expression.NotEvaluable("its value has a type that JSON does not have");
    };
  }
}
