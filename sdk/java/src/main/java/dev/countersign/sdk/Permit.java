package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Run it, once, with exactly these parameters, and report how it ended. Nobody else may.
public final class Permit {

  /// How it ended, as whoever ran it knows.
  public enum Outcome {
    SUCCEEDED,
    /// Certainly without an effect.
    FAILED,
    UNKNOWN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int LONGEST_CODE = 64;

  private final Redeemer redeemer;
  private final Grant grant;
  private final JsonNode parameters;
  private final String receipt;
  private final Instant reportBy;

  Permit(Redeemer redeemer, Grant grant, JsonNode parameters, String receipt, Instant reportBy) {
    this.redeemer = redeemer;
    this.grant = grant;
    this.parameters = parameters;
    this.receipt = receipt;
    this.reportBy = reportBy;
  }

  public Grant grant() {
    return grant;
  }

  /// What was approved: a copy of its own, for use.
  public JsonNode parameters() {
    return parameters.deepCopy();
  }

  /// Until when the outcome is waited for; after that it is `unknown`.
  public Instant reportBy() {
    return reportBy;
  }

  /// Says how it ended. The same again changes nothing.
  ///
  /// @param code and summary, of at most 64 and 500 characters, hold nothing sensitive
  public void report(Outcome outcome, String code, @Nullable String summary)
      throws NotReported, InterruptedException {
    redeemer.report(this, receipt, outcome, code, summary);
  }

  /// Fit for a log: without the receipt and the parameters.
  @Override
  public String toString() {
    return "Permit[actionId=" + grant.actionId() + ", reportBy=" + reportBy + "]";
  }

  /// Runs what it permits, and reports how it ended.
  <T> T run(Countersign.Guarded<T> guarded) throws Exception {
    T result;
    try {
      result = guarded.run(this);
    } catch (NoEffect e) {
      tell(Outcome.FAILED, "no-effect", e);
      throw e;
    } catch (InterruptedException e) {
      // Whoever wants this thread back gets it: what nobody reports is unknown.
      throw e;
    } catch (Exception e) {
      // It may have got half way.
      String name = e.getClass().getSimpleName();
      String code = name.isEmpty() ? "exception" : name;
      tell(Outcome.UNKNOWN, code.substring(0, Math.min(LONGEST_CODE, code.length())), e);
      throw e;
    }
    try {
      report(Outcome.SUCCEEDED, "done", null);
    } catch (NotReported e) {
      throw e.after(result);
    }
    return result;
  }

  private void tell(Outcome outcome, String code, Exception thrown) throws InterruptedException {
    try {
      report(outcome, code, null);
    } catch (NotReported e) {
      thrown.addSuppressed(e);
    }
  }
}
