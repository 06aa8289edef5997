package dev.countersign.policy.domain;

import static dev.countersign.policy.domain.Proposals.proposal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.Rule;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import dev.countersign.policy.outbound.Policies;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyEngineTest {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  /// A tool `t/x` that takes anything, in the given mode and with these facts.
  private static String tools(String mode, String facts) {
    return """
    toolsets:
      t:
        mode: %s
        tools:
          x:
            kind: an x
            reversible: true
            parameters: {type: object}
            facts: {%s}
    """
        .formatted(mode, facts);
  }

  private static String rule(String id, String when, String then) {
    return """
      - id: %s
        says: Says %s.
        tools: [t/x]
        when: %s
        then: %s
    """
        .formatted(id, id, when, then);
  }

  private static String approval(String id, String when, String more) {
    return rule(id, when, "require-approval") + more.indent(4);
  }

  private static final String ONE_OF_G =
      """
      approvers: {groups: [g], quorum: 1}
      assurance: code
      deadline: PT1H
      """;

  private static Verdict judge(String tools, String rules, ActionProposed proposal) {
    return Policies.read(tools, rules.isEmpty() ? "rules: []" : "rules:\n" + rules)
        .evaluate(proposal, NOW);
  }

  private static Verdict judge(String tools, String rules) {
    return judge(tools, rules, proposal("t/x").parameters("{\"v\": \"5\", \"n\": 3}").build());
  }

  private static String problem(String tools, String rules) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Policies.read(tools, "rules:\n" + rules))
            .getMessage());
  }

  private static Requirement requirement(Verdict verdict) {
    return assertInstanceOf(Verdict.ApprovalRequired.class, verdict).requirement();
  }

  private static String denial(Verdict verdict) {
    return assertInstanceOf(Verdict.Denied.class, verdict).reason().code();
  }

  @Test
  void theStrictestRuleWinsInWhateverOrder() {
    String allow = rule("a", "'true'", "allow");
    String ask = approval("b", "'true'", ONE_OF_G);
    String deny = rule("c", "'true'", "deny");
    String auto = tools("auto", "");
    for (String rules : List.of(allow + ask + deny, deny + ask + allow, ask + deny + allow)) {
      var denied = assertInstanceOf(Verdict.Denied.class, judge(auto, rules));
      assertEquals("denied-by-rule", denied.reason().code());
      assertEquals("Says c.", denied.reason().text());
      assertEquals(3, denied.rules().size());
    }
    assertInstanceOf(Verdict.ApprovalRequired.class, judge(auto, allow + ask));
    assertInstanceOf(Verdict.ApprovalRequired.class, judge(auto, ask + allow));
    assertInstanceOf(Verdict.Allowed.class, judge(auto, allow));
  }

  @Test
  void theModeIsAFloorThatNoRuleLowers() {
    String allow = rule("a", "'true'", "allow");
    assertInstanceOf(Verdict.Allowed.class, judge(tools("auto", ""), ""));
    assertEquals("denied-by-mode", denial(judge(tools("deny", ""), allow)));
    assertEquals("no-approver-rule", denial(judge(tools("require-approval", ""), allow)));
    assertInstanceOf(
        Verdict.ApprovalRequired.class,
        judge(tools("require-approval", ""), approval("b", "'true'", ONE_OF_G)));
  }

  @Test
  void aToolIsNeverLaxerThanItsToolset() {
    String laxer =
        tools("require-approval", "").replace("kind: an x", "kind: an x\n        mode: auto");
    assertTrue(
        problem(laxer, rule("a", "'true'", "allow")).startsWith("tools.yaml:7: a tool can't"));
    String stricter = tools("auto", "").replace("kind: an x", "kind: an x\n        mode: deny");
    assertEquals("denied-by-mode", denial(judge(stricter, rule("a", "'true'", "allow"))));
  }

  @Test
  void whatIsNotListedIsDeniedUnlessTheOperatorSaysOther() {
    ActionProposed unlisted = proposal("t/y").parameters("{\"a\": 1}").build();
    assertEquals("unlisted-tool", denial(judge(tools("auto", ""), "", unlisted)));
    String lax = "unlisted: auto\n" + tools("auto", "");
    assertInstanceOf(Verdict.Allowed.class, judge(lax, "", unlisted));
    // The toolset's own mode still counts.
    assertEquals(
        "unlisted-tool", denial(judge("unlisted: auto\n" + tools("deny", ""), "", unlisted)));
    String asks = "unlisted: require-approval\n" + tools("auto", "");
    String everywhere = approval("b", "'true'", ONE_OF_G).replace("[t/x]", "['*']");
    var required =
        assertInstanceOf(Verdict.ApprovalRequired.class, judge(asks, everywhere, unlisted));
    assertEquals("A tool that is not in the catalogue", required.card().target());
    assertEquals("1", required.prompt().fields().getFirst().value());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          5           | 5
          "5"         | "5"
          "\\"5\\""   | "\\"5\\""
          true        | true
          "true"      | "true"
          "null"      | "null"
          [1]         | [1]
          "[1]"       | "[1]"
          "a [1] b"   | a [1] b
          "12 Jan"    | 12 Jan
          ""          | ""
          " "         | " "
          " /srv"     | " /srv"
          "/srv "     | "/srv "
          "a  b"      | "a  b"
          48200000.5  | 48200000.5
          0.0001      | 0.0001
          1e9         | 1000000000
          {"b":[1e9]} | {"b":[1000000000]}
          """)
  void whatHasNoPromptIsShownSoThatNoTwoValuesLookTheSame(String value, String shown) {
    var required =
        assertInstanceOf(
            Verdict.ApprovalRequired.class,
            judge(
                tools("require-approval", ""),
                approval("b", "'true'", ONE_OF_G),
                proposal("t/x").parameters("{\"a\": %s}".formatted(value)).build()));
    assertEquals(shown, required.prompt().fields().getFirst().value());
  }

  @Test
  void aParameterWithoutANameIsNotShown() {
    for (String name : List.of("", " ")) {
      assertTrue(
          assertInstanceOf(
                  Verdict.Refused.class,
                  judge(
                      tools("require-approval", ""),
                      approval("b", "'true'", ONE_OF_G),
                      proposal("t/x").parameters("{\"%s\": 1}".formatted(name)).build()))
              .reason()
              .text()
              .contains("a parameter has no name; give it one"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "9999.99, false", "10000.00, true", "10000, true", "10000.0000000000000000001, true",
    "9999.9999999999999999999999999, false", "-1, false", "-10000, false", "0010000, true"
  })
  void decimalsCompareExactly(String amount, boolean large) {
    Verdict verdict =
        judge(
            tools("auto", "amount: decimal(params.v)"),
            rule("large", "facts.amount.isAtLeast('10000')", "deny"),
            proposal("t/x").parameters("{\"v\": \"%s\"}".formatted(amount)).build());
    assertEquals(large, verdict instanceof Verdict.Denied);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e4",
        "1E4",
        "NaN",
        "Infinity",
        "-Infinity",
        "١٠٠٠٠",
        "10,000",
        "10_000",
        "+1",
        "",
        " 1",
        "1 ",
        "1.",
        ".5",
        "0x10",
        "1\\n",
        "--1",
        "1.2.3",
        "１０"
      })
  void whatIsNoDecimalIsDeniedWithItsReason(String amount) {
    var denied =
        assertInstanceOf(
            Verdict.Denied.class,
            judge(
                tools("auto", "amount: decimal(params.v)"),
                "",
                proposal("t/x").parameters("{\"v\": \"%s\"}".formatted(amount)).build()));
    assertEquals("fact-not-evaluable", denied.reason().code());
    assertEquals(
        "The fact amount of t/x could not be computed: a value is not a decimal number such as"
            + " 10000.00.",
        denied.reason().text());
    assertNull(denied.facts());
  }

  @Test
  void theFourComparisonsAndEqualityAgree() {
    String facts = "a: decimal(params.v)";
    for (String holds :
        List.of(
            "facts.a.isAtLeast('5.00')",
            "facts.a.isAtMost(5)",
            "facts.a.isAbove('4.999')",
            "facts.a.isBelow(decimal('5.001'))",
            "facts.a == decimal('5.000')",
            "!facts.a.isAbove(5)",
            "!facts.a.isBelow(5)")) {
      assertEquals(
          "denied-by-rule",
          denial(judge(tools("auto", facts), rule("r", "\"" + holds + "\"", "deny"))),
          holds);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "facts.a == 0",
        "0 == facts.a",
        "facts.a == 0.0",
        "facts.a == '0'",
        "facts.a != 5",
        "facts.a in [0, 1]",
        "facts.a in ['0']",
        "facts.a in {'0': true}",
        "'0' in facts.l",
        "facts.l == [0]",
        "[0] == facts.l",
        "{'a': facts.a} == {'a': 0}",
        "facts.l.exists(each, each == 0)"
      })
  void aDecimalIsNeverSilentlyUnequalToWhatIsNone(String when) {
    var denied =
        assertInstanceOf(
            Verdict.Denied.class,
            judge(
                tools("auto", "a: decimal(params.v), l: '[decimal(params.v)]'"),
                rule("none", "\"" + when + "\"", "deny"),
                proposal("t/x").parameters("{\"v\": \"0\"}").build()));
    assertEquals("rule-not-evaluable", denied.reason().code());
    assertTrue(
        denied.reason().text().contains("is compared by == or in with what is none"),
        denied.reason().text());
  }

  @Test
  void decimalsAreEqualWithinListsAndOtherValuesAsEver() {
    for (String holds :
        List.of(
            "facts.a in [decimal('5.00')]",
            "facts.l == [decimal(5), decimal('6.0')]",
            "decimal(6) in facts.l",
            "!(decimal(7) in facts.l)",
            "facts.a != null",
            "facts.n == 3.0 && facts.n in [1, 3] && !(facts.n in [1, '3'])",
            "facts.m == {'k': [1, 'x']} && 'k' in facts.m && !('j' in facts.m)",
            "agent.id in ['billing-bot', 'x'] && agent.id != 'x'")) {
      assertEquals(
          "denied-by-rule",
          denial(
              judge(
                  tools(
                      "auto",
                      "a: decimal(params.v), n: params.n, m: \"{'k': [1, 'x']}\","
                          + " l: \"[decimal(params.v), decimal('6')]\""),
                  rule("r", "\"" + holds + "\"", "deny"))),
          holds);
    }
  }

  @Test
  void textHasNoOrder() {
    String problem =
        problem(tools("auto", "v: params.v"), rule("r", "\"facts.v >= '10000'\"", "deny"));
    assertTrue(
        problem.startsWith("policy.yaml:5: not CEL at column 9: found no matching"), problem);
    // Two facts have no type before they are evaluated; then it shows.
    assertEquals(
        "rule-not-evaluable",
        denial(
            judge(
                tools("auto", "v: params.v, w: \"'10000'\""),
                rule("r", "\"facts.v >= facts.w\"", "allow"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "facts.n / 0 == 1",
        "facts.n.startsWith('a')",
        "agent.nothing == 'x'",
        "facts.n + 9223372036854775807 > 0",
        "facts.l.all(a, facts.l.all(b, facts.l.all(c, true)))",
        "facts.n"
      })
  void whatCannotBeEvaluatedIsDeniedWithTheRuleAndTheReason(String when) {
    String list =
        "l: \"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30]\"";
    for (String then : List.of("allow", "deny")) {
      var denied =
          assertInstanceOf(
              Verdict.Denied.class,
              judge(
                  tools("auto", "n: params.n, " + list), rule("broken", "\"" + when + "\"", then)));
      assertEquals("rule-not-evaluable", denied.reason().code());
      assertTrue(denied.reason().text().contains("rule broken: "), denied.reason().text());
      assertEquals(List.of(new Rule("broken", "Says broken.")), denied.rules());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ['aaaaaaaaaa']  | .map(x, x + x)                    | 30 |
          [[1, 2, 3]]     | .map(x, x + x)                    | 30 |
          [1]             | .map(x, [x, x, x, x, x, x, x, x]) | 12 |
          [1]             | .map(x, [x, x, x, x, x, x, x])    | 6  | .map(x, [x == x, x == x, x == x, x == x, x == x, x == x, x == x, x == x])
          [b'aaaaaaaaaa'] | .map(x, x + x)                    | 30 |
          """)
  void whatWouldFillTheMemoryIsNotEvaluated(
      String seed, String step, int times, @Nullable String more) {
    String once = seed + step.repeat(times);
    String fact = more == null ? once : once + more;
    var denied =
        assertInstanceOf(Verdict.Denied.class, judge(tools("auto", "a: \"" + fact + "\""), ""));
    assertEquals("fact-not-evaluable", denied.reason().code());
    assertTrue(denied.reason().text().contains("too large"), denied.reason().text());
  }

  @Test
  void aPatternThatBacktracksElsewhereIsLinearHere() {
    String tools =
        tools("auto", "")
            .replace(
                "{type: object}",
                "{type: object, properties: {v: {type: string, pattern: '^(a+)+$'}}}");
    Verdict verdict =
        judge(
            tools,
            "",
            proposal("t/x").parameters("{\"v\": \"" + "a".repeat(50_000) + "!\"}").build());
    assertEquals("parameters", assertInstanceOf(Verdict.Refused.class, verdict).reason().code());
  }

  @Test
  void parametersThatDoNotFitAreRefusedWithTheirPathAndWithoutTheirValue() {
    String tools =
        tools("auto", "")
            .replace(
                "{type: object}",
                "{type: object, required: [a], properties: {a: {type: object, properties: {b:"
                    + " {type: string, maxLength: 3}}}}}");
    var refused =
        assertInstanceOf(
            Verdict.Refused.class,
            judge(tools, "", proposal("t/x").parameters("{\"a\": {\"b\": \"secret\"}}").build()));
    assertEquals("parameters", refused.reason().code());
    assertTrue(refused.reason().text().startsWith("parameters/a/b "), refused.reason().text());
    assertFalse(refused.reason().text().contains("secret"), refused.reason().text());
    assertTrue(refused.actionDigest() != null);
    var missing =
        assertInstanceOf(
            Verdict.Refused.class, judge(tools, "", proposal("t/x").parameters("{}").build()));
    assertEquals("parameters/a is missing.", missing.reason().text());
  }

  @Test
  void severalApprovalsAreAllAskedFor() {
    String one =
        """
        approvers: {groups: [finance], quorum: 1}
        assurance: passkey
        deadline: PT2H
        channels: [slack, mail]
        escalate:
          - {at: 0.75, channels: [pager]}
        """;
    String two =
        """
        approvers: {groups: [finance], quorum: 2}
        assurance: code
        deadline: PT30M
        channels: [mail, sms]
        escalate:
          - {at: 0.5, groups: [finance]}
        """;
    String three =
        """
        approvers: {groups: [{name: platform, quorum: 1}, {name: legal, quorum: 1}]}
        assurance: channel
        deadline: PT1H
        channels: [mail]
        """;
    Requirement merged =
        requirement(
            judge(
                tools("auto", ""),
                approval("a", "'true'", one)
                    + approval("b", "'true'", two)
                    + approval("c", "'true'", three)));
    assertEquals(
        List.of(
            new Quorum(List.of("finance"), 2),
            new Quorum(List.of("platform"), 1),
            new Quorum(List.of("legal"), 1)),
        merged.quorums());
    assertEquals(Assurance.PASSKEY, merged.assurance());
    assertEquals(Duration.ofMinutes(30), merged.deadline());
    assertEquals(List.of("mail"), merged.channels());
    assertEquals(0.5, merged.escalate().getFirst().at());
    assertEquals(2, merged.escalate().size());
    assertNull(merged.trust());
  }

  @Test
  void aStepOfTheLadderForAGroupThatMayNotAnswerIsRefused() {
    String problem =
        problem(
            tools("auto", ""),
            approval("a", "'true'", ONE_OF_G + "escalate:\n  - {at: 0.5, groups: [g, legal]}\n"));
    assertTrue(problem.contains("\"legal\" may not answer"), problem);
  }

  @Test
  void aGrantLivesAsLongAsTheShortestOfTheRulesThatMatchSays() {
    String auto = tools("auto", "");
    String silent = rule("a", "'true'", "allow");
    String long_ = rule("b", "'true'", "allow") + "    grantLife: PT10M\n";
    String ask = approval("c", "'true'", ONE_OF_G + "grantLife: PT1M\n");
    String elsewhere = rule("d", "'false'", "allow") + "    grantLife: PT2M\n";
    assertNull(assertInstanceOf(Verdict.Allowed.class, judge(auto, silent)).grantLife());
    assertEquals(
        Duration.ofMinutes(10),
        assertInstanceOf(Verdict.Allowed.class, judge(auto, silent + long_ + elsewhere))
            .grantLife());
    for (String rules : List.of(long_ + ask, ask + long_, ask + silent)) {
      assertEquals(Duration.ofMinutes(1), requirement(judge(auto, rules)).grantLife());
    }
    assertNull(requirement(judge(auto, approval("c", "'true'", ONE_OF_G) + silent)).grantLife());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT59S", "PT10M1S", "-PT1M", "2 minutes"})
  void aGrantLivesNeitherTooShortNorTooLong(String life) {
    String problem =
        problem(tools("auto", ""), rule("a", "'true'", "allow") + "    grantLife: " + life + "\n");
    assertTrue(problem.startsWith("policy.yaml:7: "), problem);
  }

  @Test
  void whatDeniesGivesNoGrantALife() {
    String problem =
        problem(tools("auto", ""), rule("a", "'true'", "deny") + "    grantLife: PT1M\n");
    assertTrue(problem.contains("grantLife"), problem);
  }

  @Test
  void rulesThatShareNoChannelStillReachPeople() {
    String other = ONE_OF_G + "channels: [sms]\n";
    Requirement merged =
        requirement(
            judge(
                tools("auto", ""),
                approval("a", "'true'", ONE_OF_G) + approval("b", "'true'", other)));
    assertEquals(List.of("mail", "sms"), merged.channels());
  }

  private static Optional<TrustTerms> trust(String tools, String rules, String parameters) {
    return TrustTerms.of(
        requirement(
            judge(tools, rules, proposal("t/x").session("run-1").parameters(parameters).build())));
  }

  private static String trusting(String terms) {
    return ONE_OF_G + "trust: " + terms + "\n";
  }

  @Test
  void trustCountsOnlyWhereEveryRuleGrantsItAndWithinTheBoundsOfEach() {
    String amount = tools("auto", "amount: decimal(params.amount)");
    String twelve = "{\"amount\": \"12.50\"}";
    String wide = trusting("{calls: 5, window: PT1H, sum: \"500\", of: amount}");
    String strict =
        trusting("{calls: 9, window: PT30M, condition: \"facts.amount.isAtMost('20')\"}");
    assertEquals(
        Optional.of(
            new TrustTerms(
                5, Duration.ofMinutes(30), "500", "amount", "facts.amount.isAtMost('20')")),
        trust(amount, approval("a", "'true'", wide) + approval("b", "'true'", strict), twelve));
    assertEquals(
        Optional.empty(),
        trust(amount, approval("a", "'true'", wide) + approval("b", "'true'", ONE_OF_G), twelve),
        "one that grants none asks each time");
    String two = trusting("{calls: 5, window: PT1H}").replace("quorum: 1", "quorum: 2");
    assertEquals(
        Optional.empty(),
        trust(amount, approval("a", "'true'", two), twelve),
        "one must not bind the others of a quorum");
  }

  @Test
  void trustIsOnlyForWhatItsConditionHoldsForAndASumCanBound() {
    String amount = tools("auto", "amount: 'has(params.amount) ? params.amount : 0'");
    String rule =
        approval("a", "'true'", trusting("{calls: 5, window: PT1H, sum: \"500\", of: amount}"));
    assertTrue(trust(amount, rule, "{\"amount\": 12}").isPresent());
    assertTrue(trust(amount, rule, "{\"amount\": -12}").isEmpty(), "it would make room");
    assertTrue(trust(amount, rule, "{\"amount\": \"lots\"}").isEmpty(), "no number");
    String condition =
        approval(
            "a", "'true'", trusting("{calls: 5, window: PT1H, condition: 'facts.amount < 100'}"));
    assertTrue(trust(amount, condition, "{\"amount\": 12}").isPresent());
    assertTrue(trust(amount, condition, "{\"amount\": 100}").isEmpty());
    assertTrue(
        trust(amount, condition, "{\"amount\": \"lots\"}").isEmpty(),
        "what can't be evaluated is asked about");
    String claimed =
        approval("a", "'true'", trusting("{calls: 5, window: PT1H, condition: 'claims.readOnly'}"));
    assertNull(
        requirement(
                judge(
                    amount,
                    claimed,
                    proposal("t/x")
                        .session("run-1")
                        .annotations("{\"readOnlyHint\": true}")
                        .build()))
            .trust(),
        "the agent's word makes it hold for nothing");
  }

  @Test
  void trustIsNeverForWhatCannotBeUndoneIsNotListedOrHasNoSession() {
    String rule = approval("a", "'true'", trusting("{calls: 5, window: PT1H}"));
    assertTrue(trust(tools("auto", ""), rule, "{}").isPresent());
    assertNull(requirement(judge(tools("auto", ""), rule)).trust(), "no session");
    String irreversible = tools("auto", "").replace("reversible: true", "reversible: false");
    assertTrue(problem(irreversible, rule).contains("can't be undone"));
    String unlisted = "unlisted: require-approval\n" + tools("auto", "");
    String everywhere = rule.replace("[t/x]", "['*']");
    assertNull(
        requirement(judge(unlisted, everywhere, proposal("u/y").session("run-1").build())).trust(),
        "not listed");
    assertTrue(
        problem(
                tools("auto", ""),
                approval(
                    "a", "'true'", trusting("{calls: 5, window: PT1H, sum: \"5\", of: amount}")))
            .contains("computes no fact \"amount\""));
    assertTrue(
        problem(
                tools("auto", ""),
                approval("a", "'true'", trusting("{calls: 5, window: PT1H, sum: \"5\"}")))
            .contains("of"),
        "a sum of what?");
  }

  @Test
  void aToolThatForbidsItIsAskedAboutAloneWhateverItsBatch() {
    String rules = approval("a", "'true'", ONE_OF_G);
    ActionProposed member = proposal("t/x").batch("{\"id\": \"b\", \"size\": 2}").build();
    var together =
        assertInstanceOf(Verdict.ApprovalRequired.class, judge(tools("auto", ""), rules, member));
    assertNull(together.alone());
    assertEquals(new Batch("b", 2), together.batch());
    String forbids = tools("auto", "").replace("kind: an x", "kind: an x\n        batch: false");
    var alone = assertInstanceOf(Verdict.ApprovalRequired.class, judge(forbids, rules, member));
    assertEquals(true, alone.alone());
    assertEquals(
        new Batch("b", 2),
        assertInstanceOf(Verdict.Allowed.class, judge(forbids, "", member)).batch(),
        "what needs nobody counts too");
  }

  @Test
  void theAgentsWordsRaiseAndNeverLower() {
    String auto = tools("auto", "");
    // However the rule is written, claiming something must not get an agent out of it.
    for (String when :
        List.of(
            "'!claims.readOnly'",
            "'!claims.idempotent'",
            "'claims.confidence > 0.9'",
            "\"claims.rollbackPlan == ''\"")) {
      Verdict verdict =
          judge(
              auto,
              approval("r", when, ONE_OF_G),
              proposal("t/x")
                  .annotations("{\"readOnlyHint\": true, \"idempotentHint\": true}")
                  .intent("{\"confidence\": 0.1, \"rollbackPlan\": \"easy\"}")
                  .build());
      assertInstanceOf(Verdict.ApprovalRequired.class, verdict, when);
    }
    String warned = approval("r", "claims.destructive", ONE_OF_G);
    assertInstanceOf(Verdict.Allowed.class, judge(auto, warned));
    assertInstanceOf(
        Verdict.ApprovalRequired.class,
        judge(auto, warned, proposal("t/x").annotations("{\"destructiveHint\": true}").build()));
    assertInstanceOf(
        Verdict.Allowed.class,
        judge(auto, warned, proposal("t/x").annotations("{\"destructiveHint\": \"yes\"}").build()));
  }

  @Test
  void theAgentsWordsMakeNoQuestionOfANo() {
    ActionProposed claimed = proposal("t/x").annotations("{\"destructiveHint\": true}").build();
    String warned = approval("r", "claims.destructive", ONE_OF_G);
    String asks = tools("require-approval", "");
    assertEquals("no-approver-rule", denial(judge(asks, warned)));
    assertEquals("no-approver-rule", denial(judge(asks, warned, claimed)));
    String two = ONE_OF_G.replace("[g]", "[h]");
    assertEquals(
        2, requirement(judge(asks, warned + approval("s", "'true'", two), claimed)).votesNeeded());
  }

  @Test
  void theAgentsWordsShortenAGrantAndNeverLengthenIt() {
    ActionProposed claimed = proposal("t/x").annotations("{\"destructiveHint\": true}").build();
    String auto = tools("auto", "");
    String longer = rule("a", "claims.destructive", "allow") + "    grantLife: PT10M\n";
    String shorter = rule("b", "claims.destructive", "allow") + "    grantLife: PT1M\n";
    String said = rule("c", "'true'", "allow") + "    grantLife: PT5M\n";
    assertNull(assertInstanceOf(Verdict.Allowed.class, judge(auto, longer, claimed)).grantLife());
    assertEquals(
        Duration.ofMinutes(5),
        assertInstanceOf(Verdict.Allowed.class, judge(auto, longer + said, claimed)).grantLife());
    for (String rules : List.of(shorter, said + shorter, longer + shorter)) {
      assertEquals(
          Duration.ofMinutes(1),
          assertInstanceOf(Verdict.Allowed.class, judge(auto, rules, claimed)).grantLife());
    }
  }

  @Test
  void rulesSeeToolAgentSessionAndTime() {
    String when =
        "\"tool.toolset == 't' && tool.kind == 'an x' && agent.id == 'bot' && agent.platform == ''"
            + " && session == 's-1' && now.getHours('UTC') == 10\"";
    assertEquals(
        "denied-by-rule",
        denial(
            judge(
                tools("auto", ""),
                rule("r", when, "deny"),
                proposal("t/x").agent("{\"id\": \"bot\", \"session\": \"s-1\"}").build())));
  }

  private static final String PROMPT =
      """

              prompt:
                title: "Do {params.what}"
                target: T
                effect: E
                fields:
                  - {label: What, value: "{params.what}", confirm: true}
                card: {title: A card, target: A target}
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"what\": \"\"}",
        "{\"what\": \" \"}",
        "{\"what\": null}",
        "{\"what\": {\"a\": 1}}",
        "{\"what\": [null]}",
        // Shown, but not to be typed: a narrow no-break space, a line end.
        "{\"what\": \"48\\u202f200\"}",
        "{\"what\": \"a\\nb\"}"
      })
  void whatCannotBeShownCannotBeApproved(String parameters) {
    String tools = tools("require-approval", "").stripTrailing() + PROMPT;
    String rules = approval("r", "'true'", ONE_OF_G);
    var refused =
        assertInstanceOf(
            Verdict.Refused.class,
            judge(tools, rules, proposal("t/x").parameters(parameters).build()));
    assertEquals("prompt", refused.reason().code());
  }

  @Test
  void whatDoesNotFitCannotBeApproved() {
    String tools = tools("require-approval", "").stripTrailing() + PROMPT;
    String rules = approval("r", "'true'", ONE_OF_G);
    ActionProposed fits = proposal("t/x").parameters("{\"what\": \"this\"}").build();
    assertEquals(
        "A target",
        assertInstanceOf(Verdict.ApprovalRequired.class, judge(tools, rules, fits))
            .card()
            .target());
    String withoutCard = tools.replaceFirst(" *card: .*\n", "");
    assertEquals(
        "an x",
        assertInstanceOf(Verdict.ApprovalRequired.class, judge(withoutCard, rules, fits))
            .card()
            .target());
    var refused =
        assertInstanceOf(
            Verdict.Refused.class,
            judge(
                tools,
                rules,
                proposal("t/x").parameters("{\"what\": \"" + "x".repeat(2000) + "\"}").build()));
    assertEquals("prompt", refused.reason().code());
    assertTrue(refused.reason().text().contains("longer than"), refused.reason().text());
  }

  @Test
  void whatIsTooLongForAsManyToSignIsNotAskedAbout() {
    String tools = tools("require-approval", "");
    String intent =
        "{\"reason\": \"r\", \"expectedEffect\": \"e\", \"rollbackPlan\": \""
            + "x".repeat(50_000)
            + "\"}";
    ActionProposed proposal = proposal("t/x").intent(intent).build();
    assertInstanceOf(
        Verdict.ApprovalRequired.class, judge(tools, approval("r", "'true'", ONE_OF_G), proposal));
    var refused =
        assertInstanceOf(
            Verdict.Refused.class,
            judge(
                tools,
                approval("r", "'true'", ONE_OF_G.replace("quorum: 1", "quorum: 5")),
                proposal));
    assertEquals("too-large", refused.reason().code());
  }

  @Test
  void whatWouldTakeTooLongIsRefusedBeforeItIsTried() {
    StringBuilder tools = new StringBuilder("toolsets:\n  t:\n    mode: auto\n    tools:\n");
    for (int i = 0; i < 200; i++) {
      tools.append("      x%d: {kind: an x, parameters: {}}\n".formatted(i));
    }
    StringBuilder rules = new StringBuilder();
    for (int i = 0; i < 51; i++) {
      rules.append(rule("r" + i, "'true'", "deny").replace("t/x", "t/x0, ".repeat(199) + "t/x0"));
    }
    assertEquals(
        "policy.yaml:1: the tools that 51 rules are for (10200), times all tools (200) or all"
            + " examples (0), are more than 2000000; write fewer",
        problem(tools.toString(), rules.toString()));
    String examples =
        "    examples:\n" + "      - {given: {tool: t/x}, expected: deny}\n".repeat(197);
    assertTrue(
        problem(tools("auto", ""), rules.toString().replace("t/x0", "t/x") + examples)
            .contains("times all tools (1) or all examples (197)"));
  }

  @Test
  void whatHasNoTimeLeftIsNotTriedToTheEnd() {
    PolicyEngine shipped = Policies.shipped();
    var fitsNot =
        assertInstanceOf(
            PolicyEngine.FitsNot.class,
            PolicyEngine.of(shipped.catalogue(), shipped.rules(), shipped.version(), () -> false));
    assertTrue(fitsNot.misfit().sentence().contains("no time left"));
  }

  @Test
  void anExampleThatDoesNotHoldIsNamedWithItsLine() {
    String rules =
        rule("r", "\"params_is_not_there == 1\"", "deny").replace("params_is_not_there", "facts.n")
            + """
                examples:
                  - given: {tool: t/x, parameters: {n: 1}}
                    expected: deny
                  - given: {tool: t/x, parameters: {n: 2}}
                    expected: deny
            """;
    assertEquals(
        "policy.yaml:10: an example of the rule r does not hold: expected deny, the policy says allow",
        problem(tools("auto", "n: params.n"), rules));
  }

  @Test
  void anExampleIsOfAToolThatItsRuleIsFor() {
    String example =
        """
            examples:
              - given: {tool: %s, parameters: {}}
                expected: deny
        """;
    String deny = rule("r", "'false'", "deny");
    String auto = tools("auto", "");
    assertEquals(
        "policy.yaml:8: the rule r is not for t/xx; correct the one or the other",
        problem(auto, deny + example.formatted("t/xx")));
    assertTrue(
        problem(auto, deny.replace("[t/x]", "[t/x, t/xx]") + example.formatted("t/xx"))
            .contains("not in the operator's catalogue"));
    for (String wide : List.of("['*']", "['t/*']")) {
      assertInstanceOf(
          Verdict.Allowed.class,
          judge(auto, deny.replace("[t/x]", wide) + example.formatted("t/xx")));
    }
  }

  @Test
  void aDenialForWantOfAnAnswerDoesNotSatisfyAnExample() {
    String rules =
        rule("r", "\"facts.n / 0 == 1\"", "deny")
            + """
                examples:
                  - given: {tool: t/x, parameters: {n: 1}}
                    expected: deny
            """;
    assertTrue(problem(tools("auto", "n: params.n"), rules).contains("it divides by zero"));
  }

  @Test
  void mistakesInTheFilesAreNamedWithTheirLine() {
    String auto = tools("auto", "n: params.n");
    assertEquals(
        "policy.yaml:5: tools.yaml computes no fact \"m\" for t/x",
        problem(auto, rule("r", "facts.m == 1", "deny")));
    assertTrue(
        problem(auto, rule("r", "fact.n == 1", "deny"))
            .startsWith("policy.yaml:5: not CEL at column 1: undeclared reference to 'fact'"));
    assertTrue(
        problem(auto, rule("r", "params.n == 1", "deny")).startsWith("policy.yaml:5: not CEL"));
    assertEquals(
        "policy.yaml:5: it must be true or false, and is string",
        problem(auto, rule("r", "\"'yes'\"", "deny")));
    assertTrue(
        problem(auto, rule("r", "'true'", "deny").replace("t/x", "t/z"))
            .startsWith("policy.yaml:4: the rule r is for no tool in tools.yaml"));
    assertTrue(
        problem(auto, rule("r", "'true'", "deny") + rule("r", "'true'", "deny"))
            .startsWith("policy.yaml:7: two rules are called \"r\""));
    assertTrue(
        problem(auto, rule("r", "'true'", "require-approval")).startsWith("policy.yaml:2: "));
    assertTrue(
        problem(auto, approval("r", "'true'", ONE_OF_G.replace("PT1H", "soon")))
            .contains("not a duration"));
    assertTrue(
        problem(tools("auto", "n: params.("), rule("r", "'true'", "deny"))
            .startsWith("tools.yaml:9: not CEL"));
    assertTrue(
        problem(tools("sometimes", ""), rule("r", "'true'", "deny"))
            .startsWith("tools.yaml:3: /toolsets/t/mode"));
    String remote =
        tools("auto", "").replace("{type: object}", "{$ref: 'https://example.org/schema'}");
    assertTrue(problem(remote, rule("r", "'true'", "deny")).contains("$ref may only point"));
  }
}
