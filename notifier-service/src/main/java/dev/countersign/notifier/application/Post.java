package dev.countersign.notifier.application;

import dev.countersign.notifier.domain.Delivery;
import dev.countersign.notifier.domain.Letter;
import java.util.concurrent.CompletableFuture;

/// The next hop on a letter's way.
public interface Post {

  /// Hands the letter over, once. The future never fails: a failure is a kind of {@link Delivery}.
  /// It stays open for as long as the connection is taken up: until the next hop has answered, or
  /// kept silent for too long.
  CompletableFuture<Delivery> send(Letter letter, People.Address address);
}
