package dev.countersign.messaging;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/// Says no to a large body by its announced length, before a byte of it is read: Quarkus keeps all
/// of it before a resource is asked, and its own no is an empty one. What announces no length is
/// cut off at `quarkus.http.limits.max-body-size`.
public final class LargeBodies {

  private static final int FIRST = 1_000;

  private LargeBodies() {}

  /// @param bytes how many are taken
  /// @param problem what is said of more, as JSON (RFC 9457)
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Most(int bytes, byte[] problem) {}

  /// Has them refused.
  ///
  /// @param most by the {@link #path}
  public static void refuse(Filters filters, Function<String, Most> most) {
    filters.register(request -> refuse(request, most.apply(path(request))), FIRST);
  }

  /// Normalized, and without the slash at its end that resources are found with, too.
  public static String path(RoutingContext request) {
    String path = request.normalizedPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static void refuse(RoutingContext request, Most most) {
    String length = request.request().getHeader("Content-Length");
    if (length != null && isAbove(length, most.bytes)) {
      HttpServerResponse response = request.response().setStatusCode(413);
      if (request.request().version().compareTo(HttpVersion.HTTP_2) < 0) {
        // What follows on this connection is the body that nobody reads. HTTP/2 ends the stream
        // alone, and has no such header.
        response.putHeader("Connection", "close");
      }
      response
          .putHeader("Content-Type", "application/problem+json")
          .end(Buffer.buffer(most.problem));
    } else {
      request.next();
    }
  }

  private static boolean isAbove(String length, int most) {
    try {
      return Long.parseLong(length) > most;
    } catch (NumberFormatException _) {
      // Vert.x refuses a length that is no number, and one beyond a long is too large.
      return true;
    }
  }
}
