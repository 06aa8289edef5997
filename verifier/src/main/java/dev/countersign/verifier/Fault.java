package dev.countersign.verifier;

import org.jspecify.annotations.Nullable;

/// The first thing that is wrong, with the index of the entry where there is one.
public record Fault(@Nullable Long index, String sentence) {

  public static Fault at(long index, String sentence) {
    return new Fault(index, sentence);
  }

  @Override
  public String toString() {
    return index == null ? sentence : "entry " + index + ": " + sentence;
  }
}
