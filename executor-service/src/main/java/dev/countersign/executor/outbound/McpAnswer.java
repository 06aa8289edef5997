package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.executor.domain.ProbeAnswer;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the response to one request (JSON-RPC 2.0 §5) in the answer that carries it: a JSON body,
/// or a stream of events in which other messages may come before it.
final class McpAnswer implements AnswerReader {

  private static final int LARGEST = 1024 * 1024;

  /// What a server says, whichever way it comes.
  static final EventJson.Bounded JSON = new EventJson.Bounded(LARGEST, ProbeAnswer.MOST_TOKENS);

  /// @param digest of its JSON as it came
  record Response(JsonNode json, Digest digest, int length) {}

  private final int id;
  private final Buffer body = Buffer.buffer();
  private @Nullable EventStream stream;
  private int length;
  private @Nullable Response found;

  /// @param id the request's
  McpAnswer(int id) {
    this.id = id;
  }

  @Override
  public void begin(MultiMap headers) {
    String type = headers.get("content-type");
    if (type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
      stream = new EventStream();
    }
  }

  @Override
  public boolean take(Buffer chunk) {
    length += chunk.length();
    if (length > LARGEST) {
      return false;
    }
    if (stream == null) {
      body.appendBuffer(chunk);
      return true;
    }
    List<String> events = stream.take(chunk.getBytes());
    events.forEach(event -> look(event.getBytes(StandardCharsets.UTF_8)));
    // The server may keep the stream open for what is none of ours.
    return found == null;
  }

  /// The response; empty where none came, or none that can be read.
  Optional<Response> find() {
    if (stream == null && found == null) {
      look(body.getBytes());
    }
    return Optional.ofNullable(found);
  }

  private void look(byte[] bytes) {
    JsonNode json;
    try {
      json = JSON.readTree(bytes);
    } catch (IllegalArgumentException | Bounds.OutOfBounds e) {
      // No JSON, or too much in it, is no response; if nothing better comes, the outcome says that
      // it is unclear.
      return;
    }
    boolean ours =
        json.path("id").isIntegralNumber()
            && json.path("id").longValue() == id
            && (json.path("result").isObject() || json.path("error").isObject());
    if (ours && found == null) {
      found = new Response(json, Digest.of(bytes), bytes.length);
    }
  }
}
