package dev.countersign.events;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an approver permits, along with their vote, for the rest of an agent's session. Its digest
/// stands in the vote's challenge, so that a passkey signs it too.
///
/// @param agent id, platform, session and whom it acts for; the session is always there
/// @param toolDigest that of the tool's entry in the catalogue: a changed entry is another tool
/// @param calls how many further calls
/// @param window for how long, from the vote by the database's clock
/// @param sum the most that the fact `of` may come to over all further calls, a decimal string
/// @param of the fact that is summed; there if, and only if, `sum` is
/// @param condition the policy's own, as the operator had written it
/// @param same fields of the prompt that must show the same again, in the prompt's order
public record StandingPermission(
    Agent agent,
    Tool tool,
    Digest toolDigest,
    int calls,
    Duration window,
    @Nullable String sum,
    @Nullable String of,
    @Nullable String condition,
    List<Same> same) {

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public StandingPermission {
    same = same == null ? List.of() : List.copyOf(same);
  }

  /// A field of the prompt, and what it must show.
  public record Same(String label, String value) {}

  /// The digest of its RFC 8785 form.
  public Digest digest() {
    return Canonical.digest(this);
  }
}
