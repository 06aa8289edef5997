package dev.countersign.events;

/// A set of actions to be reviewed as one; `size` is how many its proposer announced, from 1.
public record Batch(String id, int size) {
  public Batch {
    if (size < 1) {
      throw new IllegalArgumentException("batch.size must be at least 1");
    }
  }
}
