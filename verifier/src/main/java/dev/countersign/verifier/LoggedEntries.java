package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import dev.countersign.events.Shown;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Proofs;
import java.util.Arrays;
import java.util.List;

/// Whether the log holds an action's entries: each leaf at its index below one checkpoint, and each
/// payload the one that the leaf commits to.
final class LoggedEntries {

  private final ActionId actionId;
  private final Checkpoint tree;

  private LoggedEntries(ActionId actionId, Checkpoint tree) {
    this.actionId = actionId;
    this.tree = tree;
  }

  /// Throws with the first entry that it does not hold.
  static void check(ActionId actionId, List<EvidenceFile.Item> entries, Checkpoint tree)
      throws NotProven {
    NotProven.unless(!entries.isEmpty(), "there are no entries: nothing is proven");
    LoggedEntries log = new LoggedEntries(actionId, tree);
    long before = -1;
    for (EvidenceFile.Item item : entries) {
      try {
        NotProven.unless(item.index() > before, "the entries are not in the order of the log");
        log.check(item);
      } catch (NotProven e) {
        throw NotProven.at(item.index(), e.sentence());
      } catch (IllegalArgumentException e) {
        throw NotProven.at(
            item.index(), "it can't be read: " + Shown.text(String.valueOf(e.getMessage())));
      }
      before = item.index();
    }
  }

  private void check(EvidenceFile.Item item) throws NotProven {
    byte[] bytes = PlainBase64.decode(item.leaf(), "the leaf");
    JsonNode leaf = EventJson.readTree(bytes);
    NotProven.unless(
        leaf.isObject() && Arrays.equals(Canonical.bytes(leaf), bytes),
        "the leaf is not in canonical form (RFC 8785)");
    NotProven.unless(
        leaf.path("topic").asText().equals(item.topic())
            && leaf.path("actionId").asText().equals(actionId.toString()),
        "the leaf is of another topic or another action");
    NotProven.unless(
        item.index() < tree.size(), "the checkpoint is of before it: " + tree.size() + " entries");
    NotProven.unless(
        Proofs.includes(
            tree.root(),
            tree.size(),
            item.index(),
            Hash.ofLeaf(bytes),
            PlainBase64.hashes(item.proof())),
        "its proof does not lead to the checkpoint: the log does not hold this leaf here");
    if (item.erased()) {
      NotProven.unless(
          item.value() == null && item.event() == null,
          "it shows a payload without the salt that would prove it");
    } else {
      checkPayload(leaf, item);
    }
  }

  private static void checkPayload(JsonNode leaf, EvidenceFile.Item item) throws NotProven {
    byte[] salt = item.salt() == null ? new byte[0] : PlainBase64.decode(item.salt(), "the salt");
    NotProven.unless(
        salt.length == Salted.SALT_BYTES, "the salt must have " + Salted.SALT_BYTES + " bytes");
    byte[] value = item.value() == null ? null : PlainBase64.decode(item.value(), "the value");
    NotProven.unless(
        Salted.payload(salt, value).equals(leaf.path("payload").asText()),
        "the payload is not the one that was logged");
    JsonNode event = item.event();
    NotProven.unless(
        event == null || (value != null && EventJson.readTree(value).equals(event)),
        "the event shown is not the payload that was logged");
  }
}
