package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The mails that really went over SMTP, as the sink's API lists them.
public final class Mailbox {

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI sink;
  private final URI messages;

  /// @param sink the mail sink's address, `http://localhost:8025`
  public Mailbox(URI sink) {
    this(sink, 0);
  }

  private Mailbox(URI sink, long after) {
    this.sink = sink;
    this.messages = sink.resolve("/api/messages?after=" + after);
  }

  /// The same mailbox as if what has come so far were thrown away.
  public Mailbox emptied() {
    long newest = 0;
    for (JsonNode mail : list(sink.resolve("/api/messages?last=1"))) {
      newest = mail.path("id").asLong();
    }
    return new Mailbox(sink, newest);
  }

  /// All mails, oldest first.
  public List<JsonNode> all() {
    return list(messages);
  }

  private List<JsonNode> list(URI which) {
    try {
      HttpResponse<byte[]> answer =
          http.send(HttpRequest.newBuilder(which).build(), HttpResponse.BodyHandlers.ofByteArray());
      List<JsonNode> mails = new ArrayList<>();
      EventJson.readTree(answer.body()).forEach(mails::add);
      return mails;
    } catch (IOException e) {
      throw new IllegalStateException("the mail sink does not answer at " + which, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The newest mail that fits; throws {@link Timeout} where none comes in time.
  public JsonNode await(String what, Duration most, Predicate<JsonNode> fits) {
    long until = System.nanoTime() + most.toNanos();
    CountDownLatch never = new CountDownLatch(1);
    while (true) {
      List<JsonNode> found = all().stream().filter(fits).toList();
      if (!found.isEmpty()) {
        return found.getLast();
      }
      if (System.nanoTime() > until) {
        throw new Timeout("no mail within " + most + ": " + what);
      }
      try {
        // The sink has no push; this is its polling interval, not a guess at how long a mail takes.
        boolean _ = never.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /// Whether a mail went to this address.
  public static boolean isTo(JsonNode mail, String address) {
    return mail.path("to").toString().contains(address);
  }
}
