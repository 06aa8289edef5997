package dev.countersign.executor.outbound;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Semaphore;

/// A small body, kept: once, for many may be kept at the same time.
final class KeptBody implements AnswerReader {

  private final int largest;
  private final Semaphore room;
  private byte[] kept = new byte[0];
  private int length;
  private boolean crowded;
  private boolean letGo;

  KeptBody(int largest) {
    this(largest, new Semaphore(largest));
  }

  /// @param room the bytes that all who share it may keep together
  KeptBody(int largest, Semaphore room) {
    this.largest = largest;
    this.room = room;
  }

  @Override
  public synchronized boolean take(Buffer chunk) {
    int needed = length + chunk.length();
    if (letGo || needed > largest || !hold(needed)) {
      return false;
    }
    chunk.getBytes(kept, length);
    length = needed;
    return true;
  }

  private boolean hold(int needed) {
    if (needed > kept.length) {
      int size = Math.min(largest, Math.max(needed, 2 * kept.length));
      crowded = !room.tryAcquire(size - kept.length);
      if (!crowded) {
        kept = Arrays.copyOf(kept, size);
      }
    }
    return !crowded;
  }

  /// Whether it was not read to its end for want of the others' room.
  synchronized boolean isCrowdedOut() {
    return crowded;
  }

  synchronized byte[] bytes() {
    return Arrays.copyOf(kept, length);
  }

  /// The same, where it lies.
  synchronized ByteBuffer inPlace() {
    return ByteBuffer.wrap(kept, 0, length);
  }

  /// It is nobody's any more, and its room is others'.
  synchronized void letGo() {
    letGo = true;
    room.release(kept.length);
    kept = new byte[0];
    length = 0;
  }
}
