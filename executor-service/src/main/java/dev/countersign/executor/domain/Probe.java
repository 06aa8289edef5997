package dev.countersign.executor.domain;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.Precondition;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One thing about the target that must not change between the approval and the effect, and how it
/// is read: by a GET, to the connector's own hosts and with its credential.
///
/// @param timeout of the whole reading
public record Probe(String label, UrlTemplate url, Take take, Duration timeout) {

  /// What of the answer counts.
  public sealed interface Take {
    /// The value at a place of the body (RFC 6901).
    record Pointer(JsonPointer at) implements Take {}

    /// The strong entity tag (RFC 9110 §8.8.3).
    ///
    /// @param ifMatch whether the effect's request carries it (§13.1.1), so that the target itself
    ///   refuses where it has changed meanwhile
    record Etag(boolean ifMatch) implements Take {}

    /// What an expression makes of it.
    record Computed(Expression expression) implements Take {}
  }

  // As much as a person reads at a glance; of all else they are shown the digest.
  private static final int LONGEST_SHOWN = 200;
  private static final int OK = 200;
  private static final BigDecimal MAX_INTEGRAL = BigDecimal.valueOf((1L << 53) - 1);

  /// Throws `IllegalArgumentException` with a sentence where these can't be told apart.
  static List<Probe> together(List<Probe> probes, Reach reach) {
    Set<String> labels = new HashSet<>();
    for (Probe each : probes) {
      reach.mustHold(each.url);
      if (!labels.add(each.label)) {
        throw new IllegalArgumentException(
            "two preconditions have the label " + each.label + "; give each its own");
      }
    }
    if (probes.stream().filter(each -> each.take instanceof Take.Etag it && it.ifMatch).count()
        > 1) {
      throw new IllegalArgumentException(
          "a request has one If-Match; say ifMatch: true of one precondition");
    }
    return List.copyOf(probes);
  }

  /// The reading's request, without its credential.
  public HttpCall call(JsonNode params) throws Unfit {
    return HttpCall.of(
        "GET",
        url,
        params,
        // What somebody on the way has kept says nothing about now.
        Map.of("accept", "application/json, */*;q=0.5", "cache-control", "no-cache"),
        null);
  }

  /// Whether its value is in the answer's body; what nobody reads need not be kept.
  public boolean readsBody() {
    return switch (take) {
      case Take.Pointer _ -> true;
      case Take.Etag _ -> false;
      case Take.Computed it -> it.expression.reads("body");
    };
  }

  /// What this answer says.
  public Found find(ProbeAnswer answer) {
    boolean statusIsOurs = !(take instanceof Take.Computed it && it.expression.reads("status"));
    if (statusIsOurs && answer.status() != OK) {
      String why = "the target answers " + answer.status();
      return answer.status() == 404 || answer.status() == 410
          ? Found.gone(label, why)
          : Found.unreadable(label, why);
    }
    return switch (take) {
      case Take.Pointer it -> at(it.at, answer);
      case Take.Etag it -> etag(answer, it.ifMatch);
      case Take.Computed it -> computed(it.expression, answer);
    };
  }

  private Found at(JsonPointer pointer, ProbeAnswer answer) {
    JsonNode body = answer.json();
    if (body == null) {
      return noJson(answer);
    }
    JsonNode value = body.at(pointer);
    return value.isMissingNode()
        ? Found.gone(label, "the answer has nothing at " + pointer)
        : value(value, null);
  }

  private Found etag(ProbeAnswer answer, boolean ifMatch) {
    String etag = answer.strongEtag();
    if (etag == null) {
      return Found.unreadable(
          label,
          answer.etag() == null
              ? "the answer has no ETag"
              : "the answer's ETag is weak, or none at all");
    }
    return value(JsonNodeFactory.instance.textNode(etag), ifMatch ? etag : null);
  }

  private Found computed(Expression expression, ProbeAnswer answer) {
    JsonNode body = expression.reads("body") ? answer.json() : null;
    if (body == null && expression.reads("body") && answer.status() == OK) {
      return noJson(answer);
    }
    if (body != null && !isExact(body)) {
      return inexact();
    }
    try {
      return value(expression.value(body, answer.status(), answer.strongEtag()), null);
    } catch (Expression.NotEvaluable e) {
      return Found.unreadable(label, "its expression has no value, for " + e.why());
    }
  }

  private Found noJson(ProbeAnswer answer) {
    return Found.unreadable(
        label,
        answer.body() == null
            ? "the answer is too large"
            : "the answer is no JSON, or has more than "
                + ProbeAnswer.MOST_TOKENS
                + " values, names and brackets");
  }

  private Found inexact() {
    return Found.unreadable(
        label,
        "a number has more digits than can be told apart (RFC 8785 §3.2.2.3); the target must send"
            + " it as text");
  }

  private Found value(JsonNode value, @Nullable String ifMatch) {
    if (!isExact(value)) {
      return inexact();
    }
    String canonical;
    try {
      canonical = Canonical.text(value);
    } catch (IllegalArgumentException e) {
      return Found.unreadable(label, "it has no canonical form (RFC 8785)");
    }
    Digest fingerprint = Digest.of(canonical.getBytes(StandardCharsets.UTF_8));
    String text = value.isTextual() ? value.textValue() : canonical;
    String shown =
        value.isContainerNode() || text.length() > LONGEST_SHOWN ? fingerprint.toString() : text;
    return new Found.Value(new Precondition(label, shown, fingerprint), ifMatch);
  }

  /// RFC 8785 reads numbers as doubles: two that differ beyond them would have one fingerprint.
  private static boolean isExact(JsonNode json) {
    if (json.isContainerNode()) {
      for (JsonNode each : json) {
        if (!isExact(each)) {
          return false;
        }
      }
      return true;
    }
    if (!json.isNumber()) {
      return true;
    }
    BigDecimal exact = json.decimalValue();
    double bent = exact.doubleValue();
    boolean integral = exact.signum() == 0 || exact.stripTrailingZeros().scale() <= 0;
    return Double.isFinite(bent)
        && !(integral && exact.abs().compareTo(MAX_INTEGRAL) > 0)
        && new BigDecimal(Double.toString(bent)).compareTo(exact) == 0;
  }
}
