package dev.countersign.notifier.domain;

/// How one attempt to hand a letter to the next hop ended.
public sealed interface Delivery {

  /// The server took it (250): it is the server's now.
  record Accepted() implements Delivery {}

  /// The server certainly did not take it, and may later.
  record Postponed() implements Delivery {}

  /// It will never be taken, or must not be offered a second time.
  record Failed(Failure failure) implements Delivery {}
}
