package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Something changed about who may oversee the agents, what is held back from them, or what people
/// know of what they did: a passkey, a session, a budget, a freeze, a finding. `actionId` is the
/// action at which it happened; of a passkey it is the id of its invitation, and of a freeze, or
/// where somebody was signed out, its own, so that each has its evidence as an action has.
///
/// @param by who did it: an approver's id, `operator` for whoever holds this machine's state
///   folder, or `countersign` where a rule did
/// @param approver whom it concerns, by id
/// @param agent the agent and session that it concerns
/// @param passkey the public part of the passkey that it concerns
/// @param reason why; of a finding, what the person saw, in their words
/// @param frozen what nothing is executed of, where it was frozen
/// @param reconciled what a person found, where it was not certain how the action ended
public record Oversight(
    ActionId actionId,
    Instant at,
    Change change,
    String by,
    @Nullable String approver,
    @Nullable Agent agent,
    @Nullable Passkey passkey,
    @Nullable Reason reason,
    @Nullable Frozen frozen,
    @Nullable Reconciled reconciled)
    implements Event {

  public Oversight {
    if ((change == Change.FROZEN) != (frozen != null)) {
      throw new IllegalArgumentException("a freeze, and nothing else, says what is frozen");
    }
    if ((change == Change.RECONCILED) != (reconciled != null)) {
      throw new IllegalArgumentException("a finding, and nothing else, says what was found");
    }
    if (reconciled != null && reason == null) {
      throw new IllegalArgumentException("reason is missing: a finding has its words");
    }
  }

  /// What is about people and agents.
  public Oversight(
      ActionId actionId,
      Instant at,
      Change change,
      String by,
      @Nullable String approver,
      @Nullable Agent agent,
      @Nullable Passkey passkey,
      @Nullable Reason reason) {
    this(actionId, at, change, by, approver, agent, passkey, reason, null, null);
  }

  /// A freeze, under an id of its own.
  public static Oversight ofFreeze(
      ActionId id, Instant at, String by, Reason reason, Frozen frozen) {
    return new Oversight(id, at, Change.FROZEN, by, null, null, null, reason, frozen, null);
  }

  /// A finding.
  ///
  /// @param agent the one that proposed the action
  public static Oversight ofFinding(
      ActionId actionId,
      Instant at,
      String by,
      @Nullable Agent agent,
      Reconciled reconciled,
      String words) {
    return new Oversight(
        actionId,
        at,
        Change.RECONCILED,
        by,
        null,
        agent,
        null,
        new Reason(reconciled.finding().word(), words),
        null,
        reconciled);
  }

  public enum Change {
    /// A person was invited to enrol a passkey.
    @JsonProperty("invited")
    INVITED,
    /// They made one; it counts for nothing yet.
    @JsonProperty("passkey-added")
    PASSKEY_ADDED,
    /// A second person vouched for it; from now on it counts.
    @JsonProperty("passkey-confirmed")
    PASSKEY_CONFIRMED,
    /// It counts no more, or the invitation was withdrawn before it ever did.
    @JsonProperty("passkey-revoked")
    PASSKEY_REVOKED,
    /// Nothing more is taken from an agent's session.
    @JsonProperty("session-held")
    SESSION_HELD,
    /// Things are taken from it again.
    @JsonProperty("session-released")
    SESSION_RELEASED,
    /// More was asked of a person, or by an agent, than their budget bears.
    @JsonProperty("over-budget")
    OVER_BUDGET,
    /// Nothing of this is executed any more, until an approved action lifts it.
    @JsonProperty("frozen")
    FROZEN,
    /// An execution had ended `unknown`, or something else was said of it later, and a person says
    /// what they found at the target. The execution itself does not change.
    @JsonProperty("reconciled")
    RECONCILED,
    /// All of a person's sessions at the pages were ended, by themself or by an admin.
    @JsonProperty("signed-out")
    SIGNED_OUT
  }

  /// What a person found.
  ///
  /// @param correction whether another finding stands before it: that one stays, and this one is
  ///   what people know now
  /// @param number which finding about this action it is, from 1: of two the higher is the later,
  ///   whatever the clocks say; absent in findings from before they were numbered, which are
  ///   earlier than any
  public record Reconciled(Finding finding, boolean correction, @Nullable Integer number) {
    public Reconciled {
      if (number != null && number < 1) {
        throw new IllegalArgumentException("number must be 1 or more");
      }
    }
  }

  public enum Finding {
    /// It was done after all.
    @JsonProperty("took-effect")
    TOOK_EFFECT("took-effect"),
    /// It was not done, and may be proposed anew.
    @JsonProperty("no-effect")
    NO_EFFECT("no-effect");

    private final String word;

    Finding(String word) {
      this.word = word;
    }

    /// As it stands in JSON.
    public String word() {
      return word;
    }

    /// The finding of this word; empty where there is none.
    public static Optional<Finding> of(@Nullable String word) {
      return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
    }
  }

  /// What later verification takes: base64url of the credential id and of the public key (SPKI).
  public record Passkey(String credentialId, String publicKey) {}

  /// What nothing is executed of: one agent, one toolset, or, with neither, everything.
  public record Frozen(@Nullable String agent, @Nullable String toolset) {

    /// The longest name, in characters: what it takes to show it whole when it is to be lifted.
    public static final int LONGEST = 200;

    public Frozen {
      fit("the agent", agent);
      fit("the toolset", toolset);
      if (agent != null && toolset != null) {
        throw new IllegalArgumentException("a freeze is of an agent or of a toolset, not of both");
      }
    }

    private static void fit(String what, @Nullable String name) {
      if (name != null
          && (name.isBlank()
              || !name.strip().equals(name)
              || name.codePointCount(0, name.length()) > LONGEST
              || name.chars().anyMatch(Character::isISOControl))) {
        throw new IllegalArgumentException(
            what + " to freeze must be a line of 1 to " + LONGEST + " characters");
      }
    }

    /// As it is typed and read: `all`, `agent billing-bot`, `toolset payments`.
    public String words() {
      if (agent != null) {
        return "agent " + agent;
      }
      return toolset != null ? "toolset " + toolset : "all";
    }
  }
}
