package dev.countersign.audit.domain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import dev.countersign.verifier.Evidence;
import dev.countersign.verifier.EvidenceVerifier;
import dev.countersign.verifier.Hash;
import dev.countersign.verifier.Head;
import dev.countersign.verifier.Salted;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChainTest {

  private static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");
  private static final byte[] SALT = new byte[Salted.SALT_BYTES];

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Entries 0, 1 and 3 are the action's; 2 is another's.
  private static Evidence evidence() {
    List<Evidence.Item> items = new ArrayList<>();
    Hash link = Hash.GENESIS;
    for (int index = 0; index < 4; index++) {
      byte[] value = index == 3 ? utf8("no JSON \u00e4") : utf8("{\"n\": " + index + ".0}");
      Leaf leaf =
          new Leaf(
              "decision",
              0,
              index,
              Instant.EPOCH,
              new Leaf.Attributes("id-" + index, "urn:test", "countersign.decision.v1"),
              index == 2 ? null : ID,
              Salted.payload(SALT, value));
      Hash previous = link;
      Hash leafHash = Hash.ofLeaf(leaf.bytes());
      link = previous.link(leafHash);
      if (index != 2) {
        items.add(
            new Evidence.Item(
                "decision",
                index,
                base64(leaf.bytes()),
                leafHash.digest(),
                previous.digest(),
                link.digest(),
                index == 3 ? null : EventJson.readTree(value),
                base64(value),
                base64(SALT)));
      }
    }
    return new Evidence(ID, items, new Head(4, link.digest()));
  }

  private static @Nullable Long faultyIndex(Evidence evidence) {
    return EvidenceVerifier.check(evidence).orElseThrow().index();
  }

  private static Evidence with(int position, UnaryOperator<Evidence.Item> change) {
    Evidence evidence = evidence();
    List<Evidence.Item> items = new ArrayList<>(evidence.entries());
    items.set(position, change.apply(items.get(position)));
    return new Evidence(evidence.actionId(), items, evidence.head());
  }

  @Test
  void evidenceOfAnActionVerifies() {
    assertEquals(Optional.empty(), EvidenceVerifier.check(evidence()));
    assertEquals(Optional.empty(), EvidenceVerifier.check(EventJson.write(evidence())));
  }

  /// Whichever byte of leaf, value or salt is another, the entry is named.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void oneByteChangedIsNoticed(int position) {
    long index = evidence().entries().get(position).index();
    for (String member : List.of("leaf", "value", "salt")) {
      byte[] original = Base64.getDecoder().decode(member(member, position));
      for (int at = 0; at < original.length; at++) {
        byte[] changed = original.clone();
        changed[at] ^= 1;
        Evidence evidence =
            with(
                position,
                it ->
                    new Evidence.Item(
                        it.topic(),
                        it.index(),
                        member.equals("leaf") ? base64(changed) : it.leaf(),
                        it.leafHash(),
                        it.previous(),
                        it.link(),
                        it.event(),
                        member.equals("value") ? base64(changed) : it.value(),
                        member.equals("salt") ? base64(changed) : it.salt()));
        assertEquals(index, faultyIndex(evidence), member + " byte " + at);
      }
    }
  }

  private static String member(String member, int position) {
    return EventJson.tree(evidence().entries().get(position)).get(member).textValue();
  }

  @Test
  void anotherEventShownThanLoggedIsNoticed() {
    Evidence evidence =
        with(
            1,
            it ->
                new Evidence.Item(
                    it.topic(),
                    it.index(),
                    it.leaf(),
                    it.leafHash(),
                    it.previous(),
                    it.link(),
                    EventJson.readTree(utf8("{\"n\":2}")),
                    it.value(),
                    it.salt()));
    assertEquals(1, faultyIndex(evidence));
  }

  @Test
  void anEntryOfAnotherActionIsNoEvidence() {
    Evidence evidence =
        new Evidence(
            ActionId.of("00000000-0000-0000-0000-000000000000"),
            evidence().entries(),
            evidence().head());
    assertEquals(0, faultyIndex(evidence));
  }

  @Test
  void anotherOrderIsNoticed() {
    assertEquals(
        1, faultyIndex(new Evidence(ID, evidence().entries().reversed(), evidence().head())));
  }

  @Test
  void aLogThatEndsElsewhereIsNoticed() {
    assertEquals(
        3, faultyIndex(new Evidence(ID, evidence().entries(), new Head(4, Hash.GENESIS.digest()))));
    assertEquals(
        3,
        faultyIndex(new Evidence(ID, evidence().entries(), new Head(3, evidence().head().link()))));
  }

  @Test
  void nothingProvesNothing() {
    assertTrue(EvidenceVerifier.check(new Evidence(ID, List.of(), evidence().head())).isPresent());
    assertTrue(EvidenceVerifier.check(utf8("{}")).isPresent());
    assertTrue(EvidenceVerifier.check(utf8("no JSON")).isPresent());
  }

  @Test
  void whatMakesARecordThisOneDoesNotRunTogether() {
    byte[] value = utf8("x");
    assertNotEquals(
        EventId.ofCloudEvent("t", "ab", "c", value), EventId.ofCloudEvent("t", "a", "bc", value));
    assertNotEquals(
        EventId.ofCloudEvent("t", "a", "b", null),
        EventId.ofCloudEvent("t", "a", "b", new byte[0]));
    assertNotEquals(
        EventId.ofCloudEvent("t", "a", "b", value), EventId.ofCloudEvent("u", "a", "b", value));
    assertNotEquals(EventId.ofRecord("t", 0, 1, 5, value), EventId.ofRecord("t", 1, 0, 5, value));
    assertEquals(
        EventId.ofCloudEvent("t", "a", "b", value), EventId.ofCloudEvent("t", "a", "b", utf8("x")));
  }

  @Test
  void aLeafIsInItsCanonicalForm() {
    StringBuilder nasty = new StringBuilder("\uD83D\uDC0E\uFB33\u2028\"\\/");
    for (char each = 0; each < 0x100; each++) {
      nasty.append(each);
    }
    for (Leaf.Attributes attributes :
        Arrays.asList(null, new Leaf.Attributes(nasty.toString(), nasty.toString(), "t"))) {
      for (ActionId id : Arrays.asList(null, ID)) {
        byte[] leaf =
            new Leaf("t", 1, (1L << 53) - 1, Instant.EPOCH, attributes, id, "hmac-sha256:0")
                .bytes();
        JsonNode json = EventJson.readTree(leaf);
        assertArrayEquals(Canonical.bytes(json), leaf);
        assertEquals(attributes == null ? "" : nasty.toString(), json.path("id").asText());
      }
    }
  }

  @Test
  void theLongestAttributesFitALeaf() {
    String worst = "\u0001".repeat(Leaf.Attributes.MAX_LENGTH);
    assertTrue(Leaf.Attributes.fit(worst, worst, worst));
    Leaf leaf =
        new Leaf(
            "action-proposed",
            Integer.MAX_VALUE,
            (1L << 53) - 1,
            Instant.ofEpochMilli(Long.MAX_VALUE),
            new Leaf.Attributes(worst, worst, worst),
            ID,
            Salted.payload(SALT, null));
    assertTrue(leaf.bytes().length <= Leaf.MAX_BYTES);
  }
}
