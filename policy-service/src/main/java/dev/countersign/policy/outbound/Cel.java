package dev.countersign.policy.outbound;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelIdent;
import dev.cel.common.ast.CelExpr.CelSelect;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelVariableResolver;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import dev.cel.runtime.standard.CelStandardOverload;
import dev.cel.runtime.standard.EqualsOperator.EqualsOverload;
import dev.cel.runtime.standard.InOperator.InOverload;
import dev.cel.runtime.standard.NotEqualsOperator.NotEqualsOverload;
import dev.countersign.policy.domain.Absent;
import dev.countersign.policy.domain.Decimal;
import dev.countersign.policy.domain.Expression;
import dev.countersign.policy.domain.NotEvaluable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The Common Expression Language with what money needs and without what misleads: `decimal("…")`
/// and `isAtLeast`, `isAbove`, `isAtMost`, `isBelow` compare exactly; text has no order, so that
/// `"9" > "10000"` does not compile; and a decimal is equal or not to decimals alone.
final class Cel {

  // In all of one evaluation, nested loops multiplied.
  private static final int MOST_ITERATIONS = 20_000;
  // Characters and elements that one evaluation puts together or walks through: a text that is put
  // to itself forty times fills every memory, and a list of itself takes as long to compare.
  private static final int MOST_MADE = 1_000_000;
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
  private static final CelType DECIMAL = OpaqueType.create("decimal");
  private static final CelType OBJECT = MapType.create(SimpleType.STRING, SimpleType.DYN);
  private static final RuntimeEquality EQUALITY =
      RuntimeEquality.create(RuntimeHelpers.create(), OPTIONS);
  private static final ThreadLocal<int[]> LEFT =
      ThreadLocal.withInitial(() -> new int[] {MOST_MADE});
  private static final CelRuntime RUNTIME = runtime();

  /// What an expression may read.
  enum Reads {
    /// A fact sees the parameters and nothing else.
    FACT(Map.of("params", OBJECT)),
    /// A rule sees what the operator's catalogue made of them.
    RULE(
        Map.of(
            "facts", OBJECT,
            "tool", OBJECT,
            "agent", OBJECT,
            "session", SimpleType.STRING,
            "now", SimpleType.TIMESTAMP,
            "claims", OBJECT)),
    /// A prompt shows parameters and facts.
    PROMPT(Map.of("params", OBJECT, "facts", OBJECT));

    private final dev.cel.compiler.CelCompiler compiler;

    Reads(Map<String, CelType> variables) {
      this.compiler = compiler(variables);
    }
  }

  /// The text is no expression; the message says why.
  static final class NotCel extends Exception {
    private static final long serialVersionUID = 1L;

    NotCel(String sentence) {
      super(sentence);
    }

    String sentence() {
      return String.valueOf(getMessage());
    }
  }

  private Cel() {}

  /// Compiles an expression of any type.
  static Expression value(String text, Reads reads) throws NotCel {
    return compile(text, reads, _ -> true, "");
  }

  /// Compiles one that must be true or false.
  static Expression condition(String text, Reads reads) throws NotCel {
    return compile(
        text,
        reads,
        type -> type.equals(SimpleType.BOOL) || type.equals(SimpleType.DYN),
        "it must be true or false");
  }

  private static Expression compile(
      String text, Reads reads, Predicate<CelType> result, String otherwise) throws NotCel {
    try {
      CelAbstractSyntaxTree tree = reads.compiler.compile(text).getAst();
      if (!result.test(tree.getResultType())) {
        throw new NotCel(otherwise + ", and is " + tree.getResultType().name());
      }
      Names names = new Names();
      names.visit(tree);
      return new Compiled(
          text, RUNTIME.createProgram(tree), Set.copyOf(names.variables), Set.copyOf(names.facts));
    } catch (CelValidationException e) {
      throw new NotCel(e.getErrors().stream().map(Cel::describe).collect(Collectors.joining("; ")));
    } catch (CelEvaluationException e) {
      throw new NotCel("it can't be evaluated: " + e.getMessage());
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

  private record Compiled(
      String text, CelRuntime.Program program, Set<String> reads, Set<String> factsRead)
      implements Expression {

    @Override
    public Object value(Map<String, ?> scope) throws NotEvaluable {
      LEFT.get()[0] = MOST_MADE;
      try {
        // A resolver, because a map would be copied for each expression.
        return plain(
            program.eval((CelVariableResolver) name -> Optional.ofNullable(scope.get(name))));
      } catch (TooMuch e) {
        throw new NotEvaluable(TooMuch.SENTENCE);
      } catch (CelEvaluationException e) {
        throw new NotEvaluable(reason(e));
      } catch (RuntimeException e) {
        // A bug in the evaluator must not become a yes, nor stop the judging of other proposals.
        throw new NotEvaluable("the evaluator failed with " + e.getClass().getSimpleName());
      }
    }

    /// CEL's own messages hold the values that they stumbled over, so they stay here.
    private static String reason(CelEvaluationException failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof Decimal.NotADecimal notADecimal) {
          return String.valueOf(notADecimal.getMessage());
        }
        if (cause instanceof TooMuch) {
          return TooMuch.SENTENCE;
        }
      }
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

    private static Object plain(Object value) throws NotEvaluable {
      take(1);
      if (value instanceof String text) {
        take(text.length());
      }
      return switch (value) {
        case Double number when number.isNaN() || number.isInfinite() ->
            throw new NotEvaluable("a number is not finite");
        case Boolean _, Long _, Double _, String _, Decimal _, Instant _, Duration _, Absent _ ->
            value;
        case NullValue _ -> Absent.ABSENT;
        case List<?> list -> {
          List<Object> plain = new ArrayList<>(list.size());
          for (Object element : list) {
            plain.add(plain(element));
          }
          yield plain;
        }
        case Map<?, ?> map -> {
          Map<String, Object> plain = new LinkedHashMap<>();
          for (Map.Entry<?, ?> member : map.entrySet()) {
            plain.put(String.valueOf(member.getKey()), plain(member.getValue()));
          }
          yield plain;
        }
        default -> throw new NotEvaluable("its value has a type that JSON does not have");
      };
    }
  }

  /// It makes more than it may.
  private static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1L;
    static final String SENTENCE = "it makes texts or lists that are too large";
  }

  private static void take(int size) {
    int[] left = LEFT.get();
    if (size > left[0]) {
      throw new TooMuch();
    }
    left[0] -= size;
  }

  /// All that is in it, shared or not: whatever walks through it meets it as often.
  private static void take(Object value) {
    switch (value) {
      case String text -> take(text.length());
      case CelByteString bytes -> take(bytes.size());
      case List<?> list -> list.forEach(Cel::takeOne);
      case Map<?, ?> map -> map.values().forEach(Cel::takeOne);
      default -> {}
    }
  }

  private static void takeOne(Object member) {
    take(1);
    if (!(member instanceof String)) {
      take(member);
    }
  }

  /// The variables and the facts that an expression names.
  private static final class Names extends CelExprVisitor {

    private final Set<String> variables = new LinkedHashSet<>();
    private final Set<String> facts = new LinkedHashSet<>();

    @Override
    protected void visit(CelExpr expression, CelIdent ident) {
      variables.add(ident.name());
      super.visit(expression, ident);
    }

    @Override
    protected void visit(CelExpr expression, CelSelect select) {
      CelExpr operand = select.operand();
      if (operand.getKind() == Kind.IDENT && operand.ident().name().equals("facts")) {
        facts.add(select.field());
      }
      super.visit(expression, select);
    }
  }

  private static dev.cel.compiler.CelCompiler compiler(Map<String, CelType> variables) {
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setStandardEnvironmentEnabled(false)
            .setStandardDeclarations(
                CelStandardDeclarations.newBuilder()
                    .filterFunctions(
                        (_, overload) -> !ordersText(overload.celOverloadDecl().overloadId()))
                    .build())
            .addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                    "decimal",
                    CelOverloadDecl.newGlobalOverload("decimal_string", DECIMAL, SimpleType.STRING),
                    CelOverloadDecl.newGlobalOverload("decimal_int", DECIMAL, SimpleType.INT)));
    for (Comparison comparison : Comparison.values()) {
      builder.addFunctionDeclarations(
          CelFunctionDecl.newFunctionDeclaration(
              comparison.function,
              CelOverloadDecl.newMemberOverload(
                  comparison.overload("string"), SimpleType.BOOL, DECIMAL, SimpleType.STRING),
              CelOverloadDecl.newMemberOverload(
                  comparison.overload("int"), SimpleType.BOOL, DECIMAL, SimpleType.INT),
              CelOverloadDecl.newMemberOverload(
                  comparison.overload("decimal"), SimpleType.BOOL, DECIMAL, DECIMAL)));
    }
    variables.forEach(builder::addVar);
    return builder.build();
  }

  private static CelRuntime runtime() {
    var builder =
        CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(OPTIONS)
            .setStandardFunctions(
                CelStandardFunctions.newBuilder()
                    .filterFunctions((_, overload) ->
                        !ordersText(overload.toString())
                            && !isEquality(overload)
                            && !(overload instanceof AddOverload))
                    .build())
            .addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                    Operator.ADD.getFunction(),
                    Arrays.stream(AddOverload.values()).map(Cel::withinBounds).toList()))
            .addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                    Operator.EQUALS.getFunction(),
                    CelFunctionBinding.from("equals", Object.class, Object.class, Cel::areEqual)))
            .addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                    Operator.NOT_EQUALS.getFunction(),
                    CelFunctionBinding.from(
                        "not_equals", Object.class, Object.class, (a, b) -> !areEqual(a, b))))
            .addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                    Operator.IN.getFunction(),
                    CelFunctionBinding.from("in_list", Object.class, List.class, Cel::isIn),
                    CelFunctionBinding.from("in_map", Object.class, Map.class, Cel::isIn)))
            .addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                    "decimal",
                    CelFunctionBinding.from("decimal_string", String.class, Decimal::of),
                    CelFunctionBinding.from("decimal_int", Long.class, Decimal::of)));
    for (Comparison comparison : Comparison.values()) {
      builder.addFunctionBindings(
          CelFunctionBinding.fromOverloads(
              comparison.function,
              CelFunctionBinding.from(
                  comparison.overload("string"),
                  Decimal.class,
                  String.class,
                  (left, right) -> comparison.holds(left, Decimal.of(right))),
              CelFunctionBinding.from(
                  comparison.overload("int"),
                  Decimal.class,
                  Long.class,
                  (left, right) -> comparison.holds(left, Decimal.of(right))),
              CelFunctionBinding.from(
                  comparison.overload("decimal"),
                  Decimal.class,
                  Decimal.class,
                  comparison::holds)));
    }
    return builder.build();
  }

  private static CelFunctionBinding withinBounds(AddOverload overload) {
    CelFunctionBinding adds = overload.newFunctionBinding(OPTIONS, EQUALITY);
    return CelFunctionBinding.from(
        adds.getOverloadId(),
        adds.getArgTypes(),
        arguments -> {
          // A list is not copied for what is put to it.
          if (!(arguments[0] instanceof List)) {
            take(arguments[0]);
          }
          take(arguments[1]);
          return adds.getDefinition().apply(arguments);
        });
  }

  private static boolean isEquality(CelStandardOverload overload) {
    return overload instanceof EqualsOverload
        || overload instanceof NotEqualsOverload
        || overload instanceof InOverload;
  }

  private static boolean areEqual(Object left, Object right) {
    rejectMixture(left, right);
    return EQUALITY.objectEquals(left, right);
  }

  private static boolean isIn(Object value, List<?> list) {
    return list.stream().anyMatch(element -> areEqual(element, value));
  }

  private static boolean isIn(Object value, Map<?, ?> map) {
    map.keySet().forEach(key -> rejectMixture(value, key));
    return EQUALITY.findInMap(map, value).isPresent();
  }

  /// CEL says that values of two types are not equal, so that `facts.amount == 0` would never hold,
  /// and a rule that forbids by it would never forbid. Null is no number that was meant.
  private static void rejectMixture(Object left, Object right) {
    if (left instanceof List<?> one && right instanceof List<?> other) {
      for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
        take(1);
        rejectMixture(one.get(i), other.get(i));
      }
    } else if (left instanceof Map<?, ?> one && right instanceof Map<?, ?> other) {
      one.forEach((key, value) -> {
        take(1);
        if (other.containsKey(key)) {
          rejectMixture(value, other.get(key));
        }
      });
    } else if (left instanceof Decimal != right instanceof Decimal
        && !isNull(left)
        && !isNull(right)) {
      throw Decimal.NotADecimal.mixed();
    }
  }

  private static boolean isNull(Object value) {
    return value instanceof NullValue || value instanceof Absent;
  }

  private static boolean ordersText(String overload) {
    return ORDER_OF_TEXT.matcher(overload).matches();
  }

  private enum Comparison {
    AT_LEAST("isAtLeast"),
    ABOVE("isAbove"),
    AT_MOST("isAtMost"),
    BELOW("isBelow");

    private final String function;

    Comparison(String function) {
      this.function = function;
    }

    String overload(String argument) {
      return function + "_decimal_" + argument;
    }

    boolean holds(Decimal left, Decimal right) {
      int order = left.compareTo(right);
      return switch (this) {
        case AT_LEAST -> order >= 0;
        case ABOVE -> order > 0;
        case AT_MOST -> order <= 0;
        case BELOW -> order < 0;
      };
    }
  }
}
