package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How sure we are who voted, weakest first: compare by ordinal through {@link #satisfies}.
public enum Assurance {
  /// Signed in by the word of an identity provider, and nothing that vouches for this very vote:
  /// good for a rejection only. No policy can ask for so little.
  @JsonProperty("signed-in")
  SIGNED_IN,
  /// A one-time code mailed to the approver and typed into the browser that asked for it.
  @JsonProperty("code")
  CODE,
  /// A signed callback of a channel.
  @JsonProperty("channel")
  CHANNEL,
  /// A WebAuthn assertion with user verification.
  @JsonProperty("passkey")
  PASSKEY;

  /// Whether a vote of this assurance is enough where `required` is asked for.
  public boolean satisfies(Assurance required) {
    return compareTo(required) >= 0;
  }
}
