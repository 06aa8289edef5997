package dev.countersign.policy.domain;

import static dev.countersign.policy.domain.Proposals.proposal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.Verdict;
import dev.countersign.policy.outbound.Policies;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The set that ships, case by case.
class ShippedPolicyTest {

  private static final PolicyEngine POLICY = Policies.shipped();
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private static Verdict verdict(ActionProposed proposal) {
    return POLICY.evaluate(proposal, NOW);
  }

  private static String payment(String amount, String currency) {
    return """
    {"recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
     "amount": "%s", "currency": "%s"}\
    """
        .formatted(amount, currency);
  }

  /// `allowed`, `denied-by-rule`, `parameters`, … or the votes that it takes.
  private static String answer(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Allowed _ -> "allowed";
      case Verdict.ApprovalRequired required ->
          Integer.toString(required.requirement().votesNeeded());
      case Verdict.Denied denied -> denied.reason().code();
      case Verdict.Refused refused -> refused.reason().code();
    };
  }

  @ParameterizedTest
  @CsvSource({
    "0,        EUR, denied-by-rule",
    "0.01,     EUR, allowed",
    "100,      EUR, allowed",
    "100.00,   EUR, allowed",
    "100.01,   EUR, 1",
    "9999.99,  EUR, 1",
    "10000,    EUR, 2",
    "10000.00, EUR, 2",
    "10000.01, EUR, 2",
    "48200.00, EUR, 2",
    "999999999999.99, EUR, 2",
    "00099.99, EUR, allowed",
    "00010000, EUR, 2",
    "50,       USD, 2",
    // What is no plain amount of money is refused before any rule sees it.
    "1e4,      EUR, parameters",
    "-1,       EUR, parameters",
    "+1,       EUR, parameters",
    "NaN,      EUR, parameters",
    "Infinity, EUR, parameters",
    "'10,000', EUR, parameters",
    "100.001,  EUR, parameters",
    "' 100',   EUR, parameters",
    "'',       EUR, parameters",
    "٥٠,       EUR, parameters",
    "١٠٠٠٠,    EUR, parameters",
    "50,       eur, parameters",
    "50,       €,   parameters"
  })
  void paymentsByAmount(String amount, String currency, String expected) {
    assertEquals(
        expected,
        answer(
            verdict(
                proposal("payments/wire_transfer").parameters(payment(amount, currency)).build())));
  }

  @Test
  void anAmountThatIsANumberIsRefused() {
    String parameters = payment("100", "EUR").replace("\"100\"", "100");
    assertEquals(
        "parameters",
        answer(verdict(proposal("payments/wire_transfer").parameters(parameters).build())));
  }

  @Test
  void aLineBreakBehindTheAmountIsRefused() {
    assertEquals(
        "parameters",
        answer(
            verdict(
                proposal("payments/wire_transfer").parameters(payment("100\\n", "EUR")).build())));
  }

  @ParameterizedTest
  @CsvSource({
    "sandbox, 1",
    "metrics, 2",
    "customers, 3",
    "nobody_knows_it, 3",
    "sandbox_, 3",
    "Sandbox, parameters"
  })
  void databasesByName(String database, String expected) {
    String parameters = "{\"database\": \"%s\"}".formatted(database);
    assertEquals(
        expected,
        answer(verdict(proposal("database/drop_database").parameters(parameters).build())));
  }

  @ParameterizedTest
  @CsvSource({"9999.99,  EUR, CODE", "10000.00, EUR, PASSKEY", "50,       USD, PASSKEY"})
  void largePaymentsAndForeignOnesTakeAPasskey(
      String amount, String currency, Assurance assurance) {
    assertEquals(
        assurance,
        assurance(
            proposal("payments/wire_transfer").parameters(payment(amount, currency)).build()));
  }

  @ParameterizedTest
  @CsvSource({"sandbox, CODE", "metrics, PASSKEY", "customers, PASSKEY"})
  void droppingWhatRunsInProductionTakesAPasskey(String database, Assurance assurance) {
    String parameters = "{\"database\": \"%s\"}".formatted(database);
    assertEquals(
        assurance, assurance(proposal("database/drop_database").parameters(parameters).build()));
  }

  private static Assurance assurance(ActionProposed proposal) {
    return assertInstanceOf(Verdict.ApprovalRequired.class, verdict(proposal))
        .requirement()
        .assurance();
  }

  @Test
  void whatTheAgentClaimsChangesNothing() {
    var plain = proposal("database/drop_database").parameters("{\"database\": \"customers\"}");
    var claimed =
        proposal("database/drop_database")
            .parameters("{\"database\": \"customers\"}")
            .annotations(
                "{\"readOnlyHint\": true, \"destructiveHint\": false, \"environment\": \"staging\"}")
            .intent(
                "{\"summary\": \"this is only the staging environment, no approval needed\","
                    + " \"confidence\": 1.0, \"rollbackPlan\": \"restore\"}");
    var one = assertInstanceOf(Verdict.ApprovalRequired.class, verdict(plain.build()));
    var other = assertInstanceOf(Verdict.ApprovalRequired.class, verdict(claimed.build()));
    assertEquals(one.requirement(), other.requirement());
    assertEquals(one.facts(), other.facts());
    assertEquals(one.rules(), other.rules());
    assertEquals("production", other.facts().path("environment").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"environment", "cluster"})
  void parametersThatClaimAnEnvironmentAreRefused(String parameter) {
    assertEquals(
        "parameters",
        answer(
            verdict(
                proposal("database/drop_database")
                    .parameters(
                        "{\"database\": \"sandbox\", \"%s\": \"staging\"}".formatted(parameter))
                    .build())));
  }

  @Test
  void theAgentsOwnDoubtRaises() {
    var small = proposal("payments/wire_transfer").parameters(payment("20", "EUR"));
    assertEquals("allowed", answer(verdict(small.build())));
    assertEquals("1", answer(verdict(small.intent("{\"confidence\": 0.2}").build())));
    var file = proposal("files/delete_files").parameters("{\"paths\": [\"a.csv\"]}");
    assertEquals("allowed", answer(verdict(file.build())));
    assertEquals("1", answer(verdict(file.annotations("{\"destructiveHint\": true}").build())));
  }

  @ParameterizedTest
  @CsvSource({
    "1, x, allowed",
    "20, x, allowed",
    "20, reports/of-a-day-long-gone-by/and-of-another, allowed",
    "21, x, 1",
    "50, x, 1",
    "51, x, parameters",
    // What doesn't fit on the page is asked of nobody.
    "21, reports/of-a-day-long-gone-by/and-of-another, prompt"
  })
  void deletionsByVolume(int files, String name, String expected) {
    List<String> paths =
        IntStream.range(0, files).mapToObj(each -> name + "-" + each + ".csv").toList();
    assertEquals(expected, answer(verdict(deletion(paths))));
  }

  @ParameterizedTest
  @CsvSource({
    "reports/old-1.csv, allowed",
    "old.2025.csv, allowed",
    "reports, 1",
    "reports/2025, 1",
    "conf.d, 1",
    "old-1.csv., 1",
    "old-1.csv/x, 1",
    "old-1.CSV, 1"
  })
  void whatIsNotCalledLikeAFileIsAskedAbout(String path, String expected) {
    assertEquals(expected, answer(verdict(deletion(List.of(path)))));
    // One of them is enough.
    assertEquals(expected, answer(verdict(deletion(List.of("old-2.csv", path)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "..",
        "../old.csv",
        "../..",
        "reports/../old.csv",
        "./old.csv",
        "/",
        "/old.csv",
        "reports/",
        "reports//old.csv",
        "*",
        "reports/*.csv",
        "old-?.csv",
        "logs/[a-z]",
        "{a,b}",
        "{a,b}.csv",
        "~",
        "~root/old.csv",
        ".env",
        "reports/.git",
        "-rf",
        "a\\b.csv",
        "C:old.csv",
        "old.csv, b.csv",
        "old.csv\n",
        "old\0.csv",
        "$HOME",
        "．．/old.csv",
        "оld.csv"
      })
  void whatCouldBeMoreThanOnePathIsRefused(String path) {
    assertEquals("parameters", answer(verdict(deletion(List.of(path)))));
    var below = Map.of("folder", path, "paths", List.of("old.csv"));
    assertEquals("parameters", answer(verdict(proposed("files/delete_files", below))));
  }

  private static ActionProposed deletion(List<String> paths) {
    return proposed("files/delete_files", Map.of("paths", paths));
  }

  private static ActionProposed proposed(String tool, Map<String, ?> parameters) {
    return proposal(tool).parameters(EventJson.tree(parameters).toString()).build();
  }

  @ParameterizedTest
  @CsvSource({
    "staff, 1",
    "test-readers, 1",
    "all-customers, 2",
    "staff2, 2",
    "Staff, parameters",
    "'staff ', parameters",
    "'staff,all-customers', parameters"
  })
  void newslettersByReaders(String list, String expected) {
    String parameters = "{\"list\": \"%s\", \"subject\": \"Hello\"}".formatted(list);
    assertEquals(
        expected, answer(verdict(proposal("crm/send_newsletter").parameters(parameters).build())));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-12-01T08:00:00Z, 1",
    "2026-12-01T08:00:00+14:00, parameters",
    "2026-12-01T08:00:00, parameters",
    "tomorrowZ, parameters"
  })
  void aTimeIsInUtc(String sendAt, String expected) {
    var newsletter = Map.of("list", "staff", "subject", "Hello", "sendAt", sendAt);
    assertEquals(expected, answer(verdict(proposed("crm/send_newsletter", newsletter))));
  }

  @ParameterizedTest
  @CsvSource({
    "4.2.0, 1",
    "3a7bd3e2360a3d29eea436fcfb7e44c735d117c4, 1",
    "a7bd3e2360a3d29eea436fcfb7e44c735d117c42, 1",
    "v4.2.0+build.7, 1",
    "4.x, parameters",
    "1-latest, parameters",
    "latest, parameters",
    "main, parameters"
  })
  void aVersionThatMovesIsNotDeployed(String version, String expected) {
    var release = Map.of("service", "checkout", "version", version, "environment", "production");
    assertEquals(expected, answer(verdict(proposed("releases/deploy", release))));
  }

  @Test
  void theToolThatDoesNothingIsAllowedWithAnyParameters() {
    assertEquals(
        "allowed", answer(verdict(proposal("demo/noop").parameters("{\"n\": 1}").build())));
  }

  @Test
  void aToolThatIsNotListedIsDenied() {
    assertEquals("unlisted-tool", answer(verdict(proposal("payments/refund").build())));
    assertEquals("unlisted-tool", answer(verdict(proposal("shell/exec").build())));
    assertEquals("unlisted-tool", answer(verdict(proposal("Payments/wire_transfer").build())));
  }

  @Test
  void theProposersDeadlineShortensAndNeverLengthens() {
    var payment = proposal("payments/wire_transfer").parameters(payment("48200.00", "EUR"));
    assertEquals(Duration.ofHours(1), deadline(payment.deadline("P7D").build()));
    assertEquals(Duration.ofSeconds(5), deadline(payment.deadline("PT5S").build()));
  }

  private static Duration deadline(ActionProposed proposal) {
    return assertInstanceOf(Verdict.ApprovalRequired.class, verdict(proposal))
        .requirement()
        .deadline();
  }

  @Test
  void thePromptShowsWhatCountsAndTheCardNothingOfIt() {
    var required =
        assertInstanceOf(
            Verdict.ApprovalRequired.class,
            verdict(
                proposal("payments/wire_transfer")
                    .parameters(payment("48200.00", "EUR"))
                    .intent("{\"summary\": \"Pay invoice 4711\", \"rollbackPlan\": \"none\"}")
                    .build()));
    assertEquals("Send EUR 48200.00", required.prompt().title());
    assertEquals("ACME GmbH", required.prompt().target());
    assertEquals("Amount", required.prompt().fields().getFirst().label());
    assertEquals("48200.00", required.prompt().fields().getFirst().value());
    assertTrue(required.prompt().fields().getFirst().confirm());
    assertTrue(required.prompt().risks().contains("can't be undone"));
    assertEquals("none", required.prompt().rollbackPlan());
    assertEquals(required.actionDigest(), required.prompt().actionDigest());
    assertEquals(POLICY.version(), required.prompt().policyVersion());
    assertEquals(List.of(new Quorum(List.of("finance"), 2)), required.requirement().quorums());
    assertEquals(List.of("mail"), required.requirement().channels());
    assertEquals("48200.00", required.facts().path("amount").asText());
    String card = EventJson.tree(required.card()).toString();
    for (String secret : List.of("48200", "ACME", "DE89", "4711")) {
      assertTrue(!card.contains(secret), card);
    }
  }

  /// By the catalogue's own words, so that a parameter that somebody adds is looked at too.
  @Test
  void thePromptsShowEveryParameter() {
    List<String> unseen = new ArrayList<>();
    for (Map.Entry<String, JsonNode> toolset :
        Policies.shippedTools().path("toolsets").properties()) {
      for (Map.Entry<String, JsonNode> tool : toolset.getValue().path("tools").properties()) {
        JsonNode prompt = tool.getValue().path("prompt");
        String shown = prompt.path("target") + " " + prompt.path("fields").findValues("value");
        for (String parameter : leaves("params", tool.getValue().path("parameters"))) {
          if (!shown.contains(parameter)) {
            unseen.add(toolset.getKey() + "/" + tool.getKey() + ": " + parameter);
          }
        }
      }
    }
    assertEquals(List.of(), unseen);
  }

  private static List<String> leaves(String name, JsonNode schema) {
    List<String> leaves = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      leaves.addAll(leaves(name + "." + each.getKey(), each.getValue()));
    }
    return leaves.isEmpty() && !name.equals("params") ? List.of(name) : leaves;
  }

  @Test
  void whatIsDeletedAndWhatIsSentIsShown() {
    List<String> paths = IntStream.range(0, 30).mapToObj(each -> "old-" + each + ".csv").toList();
    assertEquals(String.join(", ", paths), field(deletion(paths), "Paths"));
    ActionProposed newsletter =
        proposed(
            "crm/send_newsletter",
            Map.of(
                "list",
                "staff",
                "subject",
                "Hello",
                "body",
                "We meet\non Friday.",
                "sendAt",
                "2026-12-01T08:00:00Z"));
    assertEquals("We meet\non Friday.", field(newsletter, "Text"));
    assertEquals("2026-12-01T08:00:00Z", field(newsletter, "Sent"));
    ActionProposed bare =
        proposed("crm/send_newsletter", Map.of("list", "staff", "subject", "Hello"));
    assertEquals("none", field(bare, "Text"));
    assertEquals("at once", field(bare, "Sent"));
  }

  private static String field(ActionProposed proposal, String label) {
    return assertInstanceOf(Verdict.ApprovalRequired.class, verdict(proposal))
        .prompt()
        .fields()
        .stream()
        .filter(field -> field.label().equals(label))
        .map(Prompt.Field::value)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theLongestThatTheSchemasTakeCanBeShown() {
    String name = "n".repeat(140);
    String amount = "999999999999.99";
    for (ActionProposed longest :
        List.of(
            proposed(
                "payments/wire_transfer",
                Map.of(
                    "recipient",
                    Map.of("name", name, "iban", "DE89" + "3".repeat(30)),
                    "amount",
                    amount,
                    "currency",
                    "EUR",
                    "reference",
                    name)),
            proposed(
                "payments/credit_note", Map.of("customer", name, "amount", amount, "why", name)),
            proposed("database/drop_database", Map.of("database", "d".repeat(63))),
            proposed(
                "crm/send_newsletter",
                Map.of(
                    "list", "l".repeat(63), "subject", "s".repeat(200), "body", "b".repeat(1000))),
            proposed(
                "releases/deploy",
                Map.of(
                    "service",
                    "s".repeat(63),
                    "version",
                    "1." + "1".repeat(62),
                    "environment",
                    "production")))) {
      assertInstanceOf(Verdict.ApprovalRequired.class, verdict(longest));
    }
  }

  @Test
  void theVerdictSurvivesTheWire() {
    Verdict verdict =
        verdict(proposal("payments/wire_transfer").parameters(payment("48200.00", "EUR")).build());
    assertEquals(verdict, EventJson.read(EventJson.write(verdict), Verdict.class));
  }
}
