package dev.countersign.ticket.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.ticket.domain.Comparison.Difference;
import dev.countersign.ticket.domain.Precedents.Precedent;
import dev.countersign.ticket.domain.Precedents.Value;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static final Digest DIGEST = Digest.of(new byte[] {1});
  private static final Instant EARLIER = Instant.parse("2026-11-20T09:00:00Z");

  @Test
  void tenTimesTheAmountIsSaid() {
    Comparison comparison =
        compare(payment("48200.00", "ACME GmbH"), payment("4820.00", "ACME GmbH"));
    assertEquals(1, comparison.differences().size());
    Difference amount = comparison.differences().getFirst();
    assertEquals("Amount", amount.label());
    assertEquals("4820.00", amount.before());
    assertEquals("48200.00", amount.now());
    assertEquals(0, new BigDecimal("10").compareTo(factor(amount)));
    assertFalse(amount.isNew(), "an amount is how much, not who");
  }

  @Test
  void anAmountInThousandsIsHowMuchToo() {
    Comparison comparison = compare(payment("EUR 1,048,200.00", "A"), payment("EUR 104,820", "A"));
    Difference amount = comparison.differences().getFirst();
    assertEquals(0, new BigDecimal("10").compareTo(factor(amount)));
    assertFalse(amount.isNew());
    assertFalse(
        compare(payment("48,200,000", "A"), payment("1", "A")).differences().getFirst().isNew());
    // Not in threes: whatever it is, it is no number.
    assertNull(
        compare(payment("48,20", "A"), payment("4,82", "A")).differences().getFirst().factor());
  }

  @Test
  void aPayeeThatNobodyEverApprovedForTheToolIsNew() {
    Prompt now = payment("4820.00", "ACME Holding");
    List<Difference> differences = compare(now, payment("4820.00", "ACME GmbH")).differences();
    assertFalse(differences.isEmpty());
    assertTrue(differences.stream().allMatch(Difference::isNew));
    // Somebody else's agent paid them before: another one than last time, but nobody new.
    Comparison known =
        Comparison.of(
            asked(now),
            new Precedents(
                List.of(precedent(payment("4820.00", "ACME GmbH"))),
                Map.of(
                    Value.of("Payee", "ACME Holding"), EARLIER,
                    Value.of("Amount", "4820.00"), EARLIER)));
    assertEquals(List.of("Payee"), labels(known));
    assertFalse(known.differences().getFirst().isNew());
  }

  @Test
  void whereNothingLikeItWasApprovedAllOfItIsNewAndNoValueIsMarked() {
    Comparison comparison =
        Comparison.of(asked(payment("1.00", "ACME GmbH")), new Precedents(List.of(), Map.of()));
    assertTrue(comparison.unprecedented());
    assertNull(comparison.last());
    assertEquals(List.of(), comparison.differences());
  }

  @Test
  void anAgentsFirstIsHeldAgainstWhatOthersWereApproved() {
    Comparison comparison =
        Comparison.of(
            asked(payment("1.00", "ACME GmbH")),
            new Precedents(List.of(), Map.of(Value.of("Amount", "1.00"), EARLIER)));
    assertFalse(comparison.unprecedented());
    assertEquals(List.of("Payee"), labels(comparison));
    assertNull(comparison.differences().getFirst().before());
  }

  @Test
  void theSameAgainIsNoDifference() {
    Prompt now = payment("1.00", "ACME GmbH");
    Comparison comparison = compare(now, now);
    assertEquals(List.of(), comparison.differences());
    assertTrue(comparison.same());
    Question again = asked(now, "run-2", asked(now).action().parameters());
    assertTrue(held(again, asked(now)).same(), "whatever the session");
    // However an account number is grouped.
    assertEquals(
        List.of(),
        compare(
                payment("1.00", "DE89 3704 0044 0532 0130 00"),
                payment("1.00", "DE89370400440532013000"))
            .differences());
  }

  @Test
  void whatNoFieldShowsIsADifferenceToo() {
    Prompt now = payment("1.00", "ACME GmbH");
    ObjectNode other = JsonNodeFactory.instance.objectNode().put("notify", false);
    Comparison unseen = held(asked(now, "run-1", other), asked(now));
    assertEquals(List.of(), unseen.differences());
    assertFalse(unseen.same());
    assertFalse(
        compare(now, prompt("ACME GmbH", "Moves it for good.", now.fields())).same(),
        "other words");
  }

  @Test
  void whatIsThereNoMoreAndWhatWasNotThereAreDifferences() {
    Prompt.Field path = new Prompt.Field("path", "/srv/old", false);
    Prompt.Field dryRun = new Prompt.Field("dry_run", "true", false);
    Prompt without = prompt("files", List.of(path));
    Prompt with = prompt("files", List.of(path, dryRun));
    Comparison gone = compare(without, with);
    assertEquals(List.of(new Difference("dry_run", "true", null, null, false)), gone.differences());
    assertFalse(gone.same());
    Difference come = compare(with, without).differences().getFirst();
    assertEquals("dry_run", come.label());
    assertNull(come.before());
    Prompt many = prompt("files", List.of(path, new Prompt.Field("limit", "500", false)));
    assertEquals(List.of("limit"), labels(compare(many, without)), "a number no less");
  }

  @Test
  void blanksAndSpellingsMakeAnotherValue() {
    for (String[] pair :
        new String[][] {
          {"rm -rf /srv/old", "rm -rf / srv/old"},
          {"ACME GmbH", "ACME  GmbH"},
          {"10²", "102"},
          {"DROP TABLE USERS", "DROPTABLEUSERS"},
          {"100200 300400", "100 200300400"}
        }) {
      Comparison comparison = compare(payment("1.00", pair[1]), payment("1.00", pair[0]));
      assertEquals(List.of("Payee"), labels(comparison), String.join(" → ", pair));
    }
  }

  @Test
  void aFieldWhoseValueIsNewEachTimeIsNoNews() {
    Map<Value, Instant> first = new HashMap<>(Map.of(Value.of("Amount", "1.00"), EARLIER));
    List<Precedent> five = five(first);
    assertFalse(isNew("Invoice no. 5", five, first));
    assertTrue(isNew("Invoice no. 5", five.subList(0, 4), first), "four are not enough");
    List<Precedent> repeated = new ArrayList<>(five);
    repeated.set(1, precedent(five.get(1).at(), payment("1.00", "Invoice no. 0")));
    assertTrue(isNew("Invoice no. 5", repeated, first), "a value came back");
  }

  @Test
  void knownPayeesInTurnDoNotSilenceThatTheNextOneWasNeverApproved() {
    Map<Value, Instant> first = new HashMap<>(Map.of(Value.of("Amount", "1.00"), EARLIER));
    List<Precedent> five = five(first);
    first.put(Value.of("Payee", "Invoice no. 3"), EARLIER);
    assertTrue(isNew("Invoice no. 5", five, first), "one of the five was known when it came");
    five.forEach(each -> first.put(Value.of("Payee", each.prompt().target()), EARLIER));
    assertTrue(isNew("Invoice no. 5", five, first), "all of them were");
    assertFalse(isNew("Invoice no. 4", five, first), "this one is known");
    first.keySet().removeIf(each -> each.label().equals("Payee"));
    assertTrue(isNew("Invoice no. 5", five, first), "what is not on file was not new");
  }

  private static boolean isNew(
      String payee, List<Precedent> likeIt, Map<Value, Instant> firstApproved) {
    return Comparison.of(asked(payment("1.00", payee)), new Precedents(likeIt, firstApproved))
        .differences()
        .stream()
        .anyMatch(each -> each.label().equals("Payee") && each.isNew());
  }

  /// Five in a row, each to somebody whom nobody knew.
  private static List<Precedent> five(Map<Value, Instant> firstApproved) {
    List<Precedent> five = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String payee = "Invoice no. " + i;
      Instant at = EARLIER.plusSeconds(60 - i);
      five.add(precedent(at, payment("1.00", payee)));
      firstApproved.put(Value.of("Payee", payee), at);
    }
    return five;
  }

  @Test
  void whatHasNoFactorGetsNone() {
    for (String[] pair :
        new String[][] {
          {"EUR 10.00", "USD 100.00"},
          {"0.00", "10.00"},
          {"DE89370400440532013000", "DE12500105170648489890"},
          {"ten", "hundred"},
          {"-5", "5"},
          {"1e9", "1e10"}
        }) {
      Difference amount =
          compare(payment(pair[1], "A"), payment(pair[0], "A")).differences().getFirst();
      assertNull(amount.factor(), String.join(" → ", pair));
    }
    assertEquals(
        0,
        new BigDecimal("0.5")
            .compareTo(
                factor(
                    compare(payment("EUR 5.00", "A"), payment("EUR 10.00", "A"))
                        .differences()
                        .getFirst())));
  }

  @Test
  void aNumberAsLongAsAnAccountMayBeOne() {
    Difference account =
        compare(payment("1.00", "532013001"), payment("1.00", "532013000"))
            .differences()
            .getFirst();
    assertTrue(account.isNew());
    assertFalse(
        compare(payment("500000", "A"), payment("400000", "A")).differences().getFirst().isNew());
  }

  @Test
  void theTargetCountsWhereNoFieldShowsIt() {
    Comparison comparison = compare(prompt("ledger_copy", List.of()), prompt("ledger", List.of()));
    assertEquals(List.of(Precedents.TARGET), labels(comparison));
    assertEquals("ledger", comparison.differences().getFirst().before());
    // Nor is it out of sight because a field that is as it was shows the new one.
    List<Prompt.Field> to = List.of(new Prompt.Field("To", "ledger", false));
    assertEquals(
        List.of(Precedents.TARGET), labels(compare(prompt("ledger", to), prompt("archive", to))));
    assertEquals(List.of(), labels(compare(prompt("ledger", to), prompt("ledger", to))));
  }

  private static BigDecimal factor(Difference difference) {
    BigDecimal factor = difference.factor();
    return factor == null ? BigDecimal.ZERO : factor;
  }

  private static List<String> labels(Comparison comparison) {
    return comparison.differences().stream().map(Difference::label).toList();
  }

  /// Where one like it was approved, and nothing else ever.
  private static Comparison compare(Prompt now, Prompt last) {
    return held(asked(now), asked(last));
  }

  private static Comparison held(Question now, Question last) {
    Map<Value, Instant> known = new HashMap<>();
    Precedents.shown(last.prompt())
        .forEach(each -> known.put(Value.of(each.label(), each.value()), EARLIER));
    Precedent before = new Precedent(new ActionId(new UUID(0, 1)), EARLIER, last);
    return Comparison.of(now, new Precedents(List.of(before), known));
  }

  private static Precedent precedent(Prompt prompt) {
    return precedent(EARLIER, prompt);
  }

  private static Precedent precedent(Instant at, Prompt prompt) {
    return new Precedent(new ActionId(new UUID(0, 1)), at, asked(prompt));
  }

  /// What no field shows is the same each time.
  private static Question asked(Prompt prompt) {
    return asked(prompt, "run-1", JsonNodeFactory.instance.objectNode().put("notify", true));
  }

  private static Question asked(Prompt prompt, String session, JsonNode parameters) {
    Question it = Samples.question(Samples.requirement(Assurance.CODE, Samples.seats(1, "g")));
    return new Question(
        new Action(new Agent("billing-bot", null, session, null), it.action().tool(), parameters),
        it.actionDigest(),
        prompt,
        prompt.digest(),
        it.card(),
        it.requirement(),
        it.openedAt(),
        it.expiresAt(),
        null);
  }

  private static Prompt payment(String amount, String payee) {
    return prompt(
        payee,
        List.of(new Prompt.Field("Amount", amount, true), new Prompt.Field("Payee", payee, false)));
  }

  private static Prompt prompt(String target, List<Prompt.Field> fields) {
    return prompt(target, "Moves money.", fields);
  }

  private static Prompt prompt(String target, String effect, List<Prompt.Field> fields) {
    return new Prompt(
        "Send EUR", target, effect, fields, null, List.of(), List.of(), null, DIGEST, DIGEST);
  }
}
