package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RiskTest {

  /// These stand in prompts that people signed: another sentence would be another risk there.
  @Test
  void theSentencesStandAsTheyWereSigned() {
    assertEquals(
        List.of(
            "not in the catalogue",
            "can't be undone",
            "environment: production",
            "sensitivity: money",
            "the agent itself calls it destructive",
            "the agent itself is not sure",
            "the agent names no way back",
            "the tool's server calls it destructive",
            "the tool's server does not call it read-only",
            "the tool's server says that it reaches beyond itself"),
        List.of(
            Risk.NOT_IN_THE_CATALOGUE.sentence(),
            Risk.IRREVERSIBLE.sentence(),
            Risk.ENVIRONMENT.sentence("production"),
            Risk.SENSITIVITY.sentence("money"),
            Risk.CALLED_DESTRUCTIVE.sentence(),
            Risk.NOT_SURE.sentence(),
            Risk.NO_WAY_BACK.sentence(),
            Risk.SERVER_DESTRUCTIVE.sentence(),
            Risk.SERVER_NOT_READ_ONLY.sentence(),
            Risk.SERVER_OPEN_WORLD.sentence()));
  }

  @Test
  void whatWasWrittenIsFoundAgain() {
    assertEquals(Optional.of(new Risk.Named(Risk.IRREVERSIBLE, "")), Risk.find("can't be undone"));
    assertEquals(
        Optional.of(new Risk.Named(Risk.ENVIRONMENT, "pre: production")),
        Risk.find("environment: pre: production"));
    assertEquals(Optional.empty(), Risk.find("environment: "));
    assertEquals(Optional.empty(), Risk.find("can't be undone, ever"));
    assertEquals(Optional.empty(), Risk.find("New payee"));
  }

  @Test
  void aRiskThatNeedsAWordHasOneAndTheOthersHaveNone() {
    assertThrows(IllegalArgumentException.class, () -> Risk.ENVIRONMENT.sentence());
    assertThrows(IllegalArgumentException.class, () -> Risk.IRREVERSIBLE.sentence("ever"));
  }
}
