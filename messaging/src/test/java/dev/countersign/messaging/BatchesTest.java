package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchesTest {

  private static final int MOST = 3;

  private record Begun(List<Integer> items, CompletableFuture<Void> end) {}

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Begun> begun = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void whatComesWhileABatchIsAtWorkIsTheNext() throws Exception {
    Batches<Integer> batches = new Batches<>(vertx, MOST, this::work);
    batches.add(0);
    Begun first = next();
    add(batches, 1, 6);
    first.end.complete(null);
    Begun second = next();
    assertEquals(List.of(0), first.items);
    assertEquals(List.of(1, 2, 3), second.items);
    assertNull(begun.peek(), "one at a time");
    second.end.complete(null);
    assertEquals(List.of(4, 5), next().items);
  }

  @Test
  void aFullBatchDoesNotWaitForTheOneAtWorkAndALesserOneDoes() throws Exception {
    Batches<Integer> batches = new Batches<>(vertx, MOST, 2, this::work);
    batches.add(0);
    Begun first = next();
    add(batches, 1, 3);
    batches.add(3);
    Begun second = next();
    assertEquals(List.of(1, 2, 3), second.items);
    add(batches, 4, 8);
    second.end.complete(null);
    assertEquals(List.of(4, 5, 6), next().items);
    // The failure frees its lane, and what is left makes no full batch.
    first.end.completeExceptionally(new IllegalStateException("lost"));
    add(batches, 8, 10);
    assertEquals(List.of(7, 8, 9), next().items);
  }

  @Test
  void nothingIsLostOrDoubledHoweverManyAdd() throws Exception {
    Batches<Integer> batches = new Batches<>(vertx, MOST, 2, this::work);
    int many = 10_000;
    boolean[] seen = new boolean[many];
    // Threads of its own: who waits on those that all share would hold the test up.
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      IntStream.range(0, many).forEach(item -> threads.execute(() -> batches.add(item)));
      for (int count = 0; count < many; ) {
        Begun batch = next();
        for (int item : batch.items) {
          assertFalse(seen[item], "twice");
          seen[item] = true;
          count++;
        }
        batch.end.complete(null);
      }
    }
    assertNull(begun.peek());
  }

  private Uni<Void> work(List<Integer> items) {
    Begun batch = new Begun(List.copyOf(items), new CompletableFuture<>());
    begun.add(batch);
    return Uni.createFrom().completionStage(batch.end);
  }

  private Begun next() throws InterruptedException {
    Begun batch = begun.poll(30, TimeUnit.SECONDS);
    if (batch == null) {
      throw new AssertionError("nothing was begun");
    }
    return batch;
  }

  private static void add(Batches<Integer> batches, int from, int to) {
    IntStream.range(from, to).forEach(batches::add);
  }
}
