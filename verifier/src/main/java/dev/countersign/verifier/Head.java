package dev.countersign.verifier;

import dev.countersign.events.Digest;
import java.util.Objects;

/// Where the log ends: how many entries it has, and the link of the last.
public record Head(long size, Digest link) {
  public Head {
    Objects.requireNonNull(link, "link is missing");
  }
}
