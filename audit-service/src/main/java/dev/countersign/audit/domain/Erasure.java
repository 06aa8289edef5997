package dev.countersign.audit.domain;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Canonical;
import dev.countersign.tlog.Hash;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the log says for ever of contents that were erased. It names nobody.
///
/// @param by `operator`, or `countersign` where a rule did it
/// @param reason a code
/// @param person an HMAC of the person's name under a salt that whoever asked holds and the log
///   does not; absent where it was not for a person
/// @param indexes of the entries, in order
public record Erasure(
    Instant at, String by, String reason, @Nullable String person, List<Long> indexes) {

  /// The topic in its leaf: that of no record.
  public static final String TOPIC = "erasure";

  private static final Pattern CODE = Pattern.compile("[a-z0-9][a-z0-9.-]{0,59}");
  private static final Pattern PART = Pattern.compile("\\p{L}+|\\p{Nd}+");
  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern NO_DIGITS = Pattern.compile("\\P{Nd}+");

  /// Letters or digits that tell who it is wherever they stand.
  private static final int TELLING = 4;

  private static final int VERSION = 1;

  public Erasure {
    indexes = indexes.stream().sorted().toList();
    if (indexes.isEmpty()) {
      throw new IllegalArgumentException("nothing is erased");
    }
    if (!isCode(reason)) {
      throw new IllegalArgumentException("the reason is a code");
    }
  }

  /// Whether this may stand in the log for ever as a reason: a code, and no sentence, in which a
  /// name could stand.
  public static boolean isCode(String reason) {
    return CODE.matcher(reason).matches();
  }

  /// Whether a part of this person's name, address or number stands in such a code: of four letters
  /// or digits and more anywhere, of three as a word of its own. Digits are those of a number also
  /// where they are parted in another way.
  ///
  /// @param person by [Names#key]
  public static boolean names(String reason, String person) {
    String plain = MARKS.matcher(Normalizer.normalize(person, Normalizer.Form.NFD)).replaceAll("");
    String digits = NO_DIGITS.matcher(plain).replaceAll("");
    String joined = reason.replaceAll("[.-]", "");
    List<String> words = parts(reason);
    return Stream.concat(parts(plain).stream(), Stream.of(digits))
            .anyMatch(
                part -> part.length() >= TELLING ? joined.contains(part) : isWord(part, words))
        || parts(joined).stream()
            .anyMatch(word -> word.length() >= TELLING && digits.contains(word));
  }

  private static boolean isWord(String part, List<String> words) {
    return part.length() == TELLING - 1 && words.contains(part);
  }

  /// Letters in a row, and digits in a row.
  private static List<String> parts(String text) {
    return PART.matcher(text).results().map(MatchResult::group).toList();
  }

  /// Its RFC 8785 form, which is hashed.
  public byte[] bytes() {
    ObjectNode leaf =
        JsonNodeFactory.instance
            .objectNode()
            .put("at", at.toString())
            .put("by", by)
            .put("entries", indexes.size())
            .put("indexes", "sha256:" + digest())
            .put("reason", reason)
            .put("topic", TOPIC)
            .put("v", VERSION);
    if (person != null) {
      leaf.put("person", person);
    }
    return Canonical.bytes(leaf);
  }

  /// Over the decimal numbers with a comma between.
  private String digest() {
    String listed = indexes.stream().map(String::valueOf).collect(Collectors.joining(","));
    return Hash.of(Hash.sha256().digest(listed.getBytes(StandardCharsets.UTF_8))).hex();
  }

  /// Ready to be appended.
  public Entry entry() {
    byte[] leaf = bytes();
    return new Entry(
        EventId.ofLeaf(Hash.ofLeaf(leaf)), null, TOPIC, null, leaf, null, null, null, null, "[]");
  }
}
