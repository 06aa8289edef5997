package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/// `./countersign erase` and `settle`: what only the operator may say to the log.
final class Erasing {

  private final JsonDoor auditService;
  private final PrintStream out;

  Erasing(JsonDoor auditService, PrintStream out) {
    this.auditService = auditService;
    this.out = out;
  }

  /// Erases what the log holds of a person, in as many steps as it takes.
  int erase(List<String> words) throws InterruptedException {
    if (words.size() != 2) {
      throw new StartRefused(
          "say whom, by the id or address in approvers.yaml or in proposals, and why, by a code:"
              + " ./countersign erase PERSON requested");
    }
    JsonNode step;
    do {
      step =
          auditService.post(
              "/v1/operator/erasures",
              JsonLines.JSON
                  .createObjectNode()
                  .put("person", words.getFirst())
                  .put("reason", words.get(1)));
      out.printf(
          Locale.ROOT,
          """
          countersign: erased the content of %d entries; their proofs hold as before
            leaves   %s
            receipt  %s
          The leaves name nobody. The receipt is kept nowhere: with it, the person can show that they
          are about them (docs/privacy.md).
          """,
          step.path("entries").asLong(),
          step.path("leaves"),
          step.path("salt").asText());
    } while (step.path("more").asBoolean());
    if (step.path("kept").asLong() > 0) {
      out.printf(
          Locale.ROOT,
          "countersign: %d entries are too young to be erased; the last of them is not after %s%n",
          step.path("kept").asLong(),
          step.path("keptUntil").asText());
    }
    return 0;
  }

  /// Says that somebody looked after a gap in the log, or after contents that are back.
  int settle(List<String> words) throws InterruptedException {
    boolean leaf = !words.isEmpty() && words.getFirst().equals("leaf");
    List<String> said = leaf ? words.subList(1, words.size()) : words;
    if (said.size() < 2
        || !said.getFirst().matches(leaf ? "\\d{1,18}(-\\d{1,18})?" : "\\d{1,18}")) {
      throw new StartRefused(
          "say which gap, by its number, and what was found: ./countersign settle 7 …, or for"
              + " contents that are back ./countersign settle leaf 7 … (or 7-12); the page /completeness of"
              + " the audit service lists them");
    }
    String why = String.join(" ", said.subList(1, said.size()));
    auditService.post(
        (leaf ? "/v1/operator/erasures/" : "/v1/operator/gaps/") + said.getFirst(),
        JsonLines.JSON.createObjectNode().put("why", why));
    out.printf(
        Locale.ROOT,
        "countersign: %s %s is settled; it stays on the page%n",
        leaf ? "leaf" : "gap",
        said.getFirst());
    return 0;
  }
}
