package dev.countersign.verifier;

import static dev.countersign.verifier.TestEvents.approvedByTwo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.VerifierKey;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// An action's evidence against everybody who would like it to say something else.
class EvidenceFileTest {

  private final TestLog log = new TestLog().fill(300);
  private final EvidenceFile file = log.evidence(approvedByTwo(), 40);
  private final byte[] json = EventJson.write(file);

  private Finding find(byte[] changed) {
    return Verification.of(changed, log.trusted());
  }

  private void assertWrong(String sentence, Consumer<ObjectNode> change) {
    ObjectNode changed = (ObjectNode) EventJson.readTree(json);
    change.accept(changed);
    Finding finding = find(EventJson.write(changed));
    assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains(sentence), finding.sentence());
  }

  private static ObjectNode entry(JsonNode file, int i) {
    return (ObjectNode) file.path("entries").path(i);
  }

  @Test
  void itSaysWhoApprovedAndWhoStandsBehindTheLog() {
    Finding finding = find(json);
    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains("alice approved"), finding.sentence());
    assertTrue(
        finding
            .sentence()
            .endsWith(
                "The log holds its 4 entries, each as it was written. The checkpoint at 346 entries"
                    + " is signed by example.com/log and cosigned by example.com/witness at"
                    + " 2026-11-26T10:00:05Z."),
        finding.sentence());
    Finding alone = Verification.of(json, new TrustedKeys(Signed.keys(), log.log.key(), List.of()));
    assertInstanceOf(Finding.Proven.class, alone, alone.sentence());
    assertTrue(alone.sentence().endsWith("; no witness was asked for."), alone.sentence());
  }

  @Test
  void withoutTheLogsKeyNothingIsSaid() {
    assertInstanceOf(Finding.NotVerifiable.class, Verification.of(json, Signed.keys()));
  }

  @Test
  void nothingInItCanBeAnotherThing() {
    int changes = changeAll(EventJson.readTree(json), "");
    assertTrue(changes > 400, "changes: " + changes);
  }

  private int changeAll(JsonNode part, String path) {
    int changes = path.isEmpty() ? 0 : changeShape(path);
    if (part instanceof ObjectNode object) {
      for (String name : object.propertyStream().map(it -> it.getKey()).toList()) {
        changes += changeAll(object.path(name), path + "/" + name);
      }
      return changes;
    }
    if (part instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        changes += changeAll(array.path(i), path + "/" + i);
      }
      return changes;
    }
    for (JsonNode other : others(part)) {
      assertInstanceOf(Finding.Wrong.class, with(path, other), path + " as " + other + " passed");
      changes++;
    }
    return changes;
  }

  private Finding with(String path, JsonNode other) {
    JsonNode changed = EventJson.readTree(json);
    int slash = path.lastIndexOf('/');
    JsonNode parent = changed.at(path.substring(0, slash));
    String name = path.substring(slash + 1);
    if (parent instanceof ObjectNode object) {
      object.set(name, other);
    } else {
      ((ArrayNode) parent).set(Integer.parseInt(name), other);
    }
    return find(EventJson.write(changed));
  }

  /// What is of another kind, or none, is refused with a sentence, never with a crash.
  private int changeShape(String path) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    List<JsonNode> shapes = List.of(json.nullNode(), json.objectNode(), json.arrayNode());
    for (JsonNode other : shapes) {
      Finding finding = with(path, other);
      // Shown for reading, or not there yet.
      boolean mayBeAbsent =
          (path.matches("/entries/[0-9]+/event") && other.isNull())
              || (path.equals("/bundles") && other.isArray())
              || EventJson.readTree(this.json).at(path).equals(other);
      if (!mayBeAbsent) {
        assertTrue(!(finding instanceof Finding.Proven), path + " as " + other + " passed");
      }
    }
    return shapes.size();
  }

  /// The same value with one thing different: of a text its first, middle or last character.
  private static List<JsonNode> others(JsonNode value) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (value.isTextual()) {
      String text = value.textValue();
      return List.of(0, text.length() / 2, text.length() - 1).stream()
          .map(at -> {
            char before = text.charAt(at);
            char after = before == 'A' ? 'B' : Character.isLetterOrDigit(before) ? 'A' : 'x';
            return (JsonNode) json.textNode(text.substring(0, at) + after + text.substring(at + 1));
          })
          .distinct()
          .toList();
    }
    if (value.isBoolean()) {
      return List.of(json.booleanNode(!value.booleanValue()));
    }
    assertTrue(value.isNumber(), value.toString());
    return List.of(json.numberNode(value.doubleValue() + 1));
  }

  @Test
  void aStrayBitAtTheEndOfBase64IsAnotherFile() {
    // Of 32 bytes, the last character before the padding has two bits that decoders ignore.
    for (String path : List.of("/entries/0/proof/0", "/entries/0/salt")) {
      JsonNode changed = EventJson.readTree(json);
      String text = changed.at(path).asText();
      String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      char last = digits.charAt(digits.indexOf(text.charAt(42)) ^ 1);
      String other = text.substring(0, 42) + last + "=";
      assertNotEquals(text, other);
      String replaced = new String(json, UTF_8).replace(text, other);
      Finding finding = find(replaced.getBytes(UTF_8));
      assertInstanceOf(Finding.Wrong.class, finding, path);
      assertTrue(finding.sentence().contains("not plain base64"), finding.sentence());
    }
    String text = file.checkpoint();
    String[] lines = text.split("\n");
    String line = lines[lines.length - 1];
    // 76 bytes: two characters of padding, four bits.
    assertTrue(line.endsWith("="), line);
    assertWrong("not in plain form", it -> it.put("checkpoint", text.replace(line, stray(line))));
  }

  private static String stray(String base64) {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int at = base64.indexOf('=') - 1;
    char other = digits.charAt(digits.indexOf(base64.charAt(at)) ^ 1);
    return base64.substring(0, at) + other + base64.substring(at + 1);
  }

  @Test
  void theFirstEntryThatIsWrongIsNamed() {
    assertWrong(
        "entry 301: the payload is not the one",
        it -> {
          entry(it, 1).set("value", entry(it, 3).path("value"));
          entry(it, 2).remove("salt");
        });
    assertWrong(
        "entry 302: its proof does not lead", it -> entry(it, 2).withArray("proof").remove(0));
    assertWrong(
        "entry 300: its proof does not lead",
        it -> {
          JsonNode first = entry(it, 0).path("proof");
          entry(it, 0).set("proof", entry(it, 1).path("proof"));
          entry(it, 1).set("proof", first);
        });
    assertWrong("entry 346: the checkpoint is of before it", it -> entry(it, 3).put("index", 346));
    assertWrong(
        "entry 301: the entries are not in the order",
        it -> {
          ArrayNode entries = (ArrayNode) it.path("entries");
          JsonNode second = entries.remove(1);
          entries.insert(2, second);
        });
    assertWrong(
        "entry 300: the entries are not in the order",
        it -> {
          ArrayNode entries = (ArrayNode) it.path("entries");
          entries.insert(1, entries.get(0).deepCopy());
        });
    assertWrong("there are no entries", it -> it.putArray("entries"));
    assertWrong(
        "entry 302: it shows a payload without the salt", it -> entry(it, 2).remove("salt"));
  }

  @Test
  void aVoteThatIsLeftOutIsMissed() {
    assertWrong(
        "entry 303: the decision carries a vote that the log does not hold",
        it -> ((ArrayNode) it.path("entries")).remove(2));
  }

  @Test
  void attestationsAndBundlesAreThoseOfTheEntries() {
    assertWrong("is not in attestations", it -> it.withArray("attestations").remove(1));
    assertWrong(
        "attestation 2 stands there twice",
        it -> it.withArray("attestations").add(it.path("attestations").path(0)));
    assertWrong(
        "bundle 2 is of none of the attestations, or of one that has another bundle",
        it -> it.withArray("bundles").add(it.path("bundles").path(0)));
    assertWrong(
        "bundle 0",
        it -> {
          JsonNode proof = it.at("/bundles/1/verificationMaterial/tlogEntries");
          ((ObjectNode) it.at("/bundles/0/verificationMaterial")).set("tlogEntries", proof);
        });
    // What our records do not know another verifier may read.
    assertWrong(
        "bundle 1 is not the one that follows",
        it ->
            ((ObjectNode) it.at("/bundles/1/verificationMaterial/tlogEntries/0"))
                .put("integratedTime", "1764151200"));
    // One whose leaf came after the checkpoint has none yet.
    ObjectNode fewer = (ObjectNode) EventJson.readTree(json);
    fewer.withArray("bundles").remove(1);
    assertInstanceOf(Finding.Proven.class, find(EventJson.write(fewer)));
  }

  @Test
  void keysThatAreNamedAreThoseAtHand() {
    String other = TestLog.signer("example.com/log", VerifierKey.Kind.LOG).key().toString();
    assertWrong(
        "names another key of the log", it -> ((ObjectNode) it.path("keys")).put("log", other));
    assertWrong(
        "names other witnesses", it -> ((ObjectNode) it.path("keys")).putArray("witnesses"));
    assertWrong(
        "of what is signed in it", it -> ((ObjectNode) it.at("/keys/jwks")).putArray("keys"));
    // A key whose time ended since, and one that came since.
    ObjectNode since = Signed.jwks();
    ((ObjectNode) since.at("/keys/1/validFor")).put("until", "2026-11-27T00:00:00Z");
    ((ArrayNode) since.path("keys")).add(Signed.jwk("newer", Signed.p256(), "attestation"));
    KeySet newer = KeySet.read(EventJson.write(since));
    Finding finding =
        Verification.of(json, new TrustedKeys(newer, log.log.key(), List.of(log.witness.key())));
    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    // Keys that were kept from before one ended.
    ObjectNode later = (ObjectNode) EventJson.readTree(json);
    ((ObjectNode) later.at("/keys/jwks/keys/1/validFor")).put("until", "2026-11-27T00:00:00Z");
    Finding kept = find(EventJson.write(later));
    assertInstanceOf(Finding.Proven.class, kept, kept.sentence());
  }

  @Test
  void aCheckpointOfAnotherKeyOrLogOrWithoutItsWitnessIsRefused() {
    String text = log.tree().text();
    NoteSigner otherLog = TestLog.signer("example.com/log", VerifierKey.Kind.LOG);
    Note resigned =
        otherLog.sign(text, TestLog.COSIGNED).with(log.witness.signature(text, TestLog.COSIGNED));
    assertWrong(
        "not signed by the log example.com/log", it -> it.put("checkpoint", resigned.toString()));

    NoteSigner otherWitness = TestLog.signer("example.com/witness", VerifierKey.Kind.WITNESS);
    Note forked =
        log.log.sign(text, TestLog.COSIGNED).with(otherWitness.signature(text, TestLog.COSIGNED));
    assertWrong(
        "the witness example.com/witness has not cosigned",
        it -> it.put("checkpoint", forked.toString()));
    Note alone = log.log.sign(text, TestLog.COSIGNED);
    Finding none =
        find(
            EventJson.write(
                ((ObjectNode) EventJson.readTree(json)).put("checkpoint", alone.toString())));
    assertInstanceOf(Finding.NotVerifiable.class, none, none.sentence());
    assertTrue(none.sentence().startsWith("Not yet cosigned: the witness"), none.sentence());

    Checkpoint elsewhere =
        new Checkpoint("example.com/other", log.tree().size(), log.tree().root());
    assertWrong(
        "of another log", it -> it.put("checkpoint", log.cosign(elsewhere.text()).toString()));
    // Another tree that the log signed: a fork, or a later size under the same proofs.
    TestLog fork = new TestLog().fill(346);
    Checkpoint other = new Checkpoint("example.com/log", 346, fork.tree().root());
    assertWrong(
        "entry 300: its proof does not lead",
        it -> it.put("checkpoint", log.cosign(other.text()).toString()));
    log.fill(1);
    assertWrong(
        "entry 300: its proof does not lead",
        it -> it.put("checkpoint", log.checkpoint().toString()));
  }

  @Test
  void whatWasErasedIsSaidAndNeverVerified() {
    ObjectNode erased = (ObjectNode) EventJson.readTree(json);
    for (String member : List.of("event", "value", "salt")) {
      entry(erased, 1).remove(member);
    }
    Finding finding = find(EventJson.write(erased));
    // Its attestation is left in the decision.
    assertInstanceOf(Finding.NotVerifiable.class, finding, finding.sentence());
    assertEquals(
        "Who approved can't be verified any more. The log holds its 4 entries, each as it was"
            + " written. What 1 of them held was erased and can't be proven any more: 301"
            + " (vote-recorded). The checkpoint at 346 entries is signed by example.com/log and"
            + " cosigned by example.com/witness at 2026-11-26T10:00:05Z.",
        finding.sentence());

    for (String member : List.of("event", "value", "salt")) {
      entry(erased, 3).remove(member);
    }
    erased.withArray("attestations").remove(0);
    erased.withArray("bundles").remove(0);
    Finding more = find(EventJson.write(erased));
    assertInstanceOf(Finding.NotVerifiable.class, more, more.sentence());
    assertTrue(more.sentence().contains("301 (vote-recorded), 303 (decision)"), more.sentence());
    // What is left is still checked.
    entry(erased, 2).withArray("proof").remove(0);
    assertInstanceOf(Finding.Wrong.class, find(EventJson.write(erased)));
  }

  @Test
  void anErasureElsewhereLeavesWhoApprovedProven() {
    List<dev.countersign.events.Event> events = new java.util.ArrayList<>(approvedByTwo());
    events.add(new dev.countersign.events.TicketSeen(Signed.ID, Signed.AT, "alice"));
    ObjectNode erased = (ObjectNode) EventJson.tree(log.evidence(events, 3));
    for (String member : List.of("event", "value", "salt")) {
      entry(erased, 4).remove(member);
    }
    Finding finding = find(EventJson.write(erased));
    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains("alice approved"), finding.sentence());
    assertTrue(finding.sentence().contains("What 1 of them held was erased"), finding.sentence());
  }
}
