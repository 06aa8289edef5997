package dev.countersign.sdk;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/// An answer's body, up to so many bytes; Java 17 has none of its own. Fails with an `IOException`
/// beyond them, and the connection is given up.
final class BoundedBody implements BodySubscriber<byte[]> {

  private final BodySubscriber<byte[]> all = BodySubscribers.ofByteArray();
  private final int longest;
  private @Nullable Subscription subscription;
  private long length;

  BoundedBody(int longest) {
    this.longest = longest;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return all.getBody();
  }

  @Override
  public void onSubscribe(Subscription begun) {
    subscription = begun;
    all.onSubscribe(begun);
  }

  @Override
  public void onNext(List<ByteBuffer> chunk) {
    length += chunk.stream().mapToLong(ByteBuffer::remaining).sum();
    if (length <= longest) {
      all.onNext(chunk);
    } else if (subscription != null) {
      subscription.cancel();
      all.onError(new IOException("an answer of more than " + longest + " bytes"));
    }
  }

  @Override
  public void onError(Throwable failure) {
    all.onError(failure);
  }

  @Override
  public void onComplete() {
    all.onComplete();
  }
}
