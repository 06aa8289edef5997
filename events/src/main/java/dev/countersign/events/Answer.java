package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What an approver may say.
public enum Answer {
  @JsonProperty("approve")
  APPROVE,
  @JsonProperty("reject")
  REJECT
}
