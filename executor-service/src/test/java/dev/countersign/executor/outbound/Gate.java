package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Probe;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Tls;
import dev.countersign.executor.domain.Unfit;
import dev.countersign.executor.domain.UrlTemplate;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The one way out, as a connector of a test uses it.
final class Gate implements AutoCloseable {

  /// What came of it, and as much of the body as was kept.
  record Came(Exchanged exchanged, String body) {

    /// The code of what kept it from being answered; `answered` where it was.
    String code() {
      return switch (exchanged) {
        case Exchanged.Not it -> "not " + reason(it.why());
        case Exchanged.Broken it -> "broken " + reason(it.why());
        case Exchanged.Answered it ->
            "answered " + it.code() + (it.whole() ? "" : " and not read to its end");
      };
    }

    private static String reason(Outcome outcome) {
      return outcome.reason() == null ? "" : outcome.reason().code();
    }
  }

  private static final int KEPT = 1024 * 1024;

  final Vertx vertx = Vertx.vertx();
  final Credentials credentials;
  final GuardedHttp http;

  Gate(Path credentials, GuardedHttp.Names names) {
    this.credentials = new Credentials(credentials, Optional::empty);
    this.http = new GuardedHttp(vertx, new HttpClients(vertx, this.credentials), names);
  }

  static Gate of(Path credentials) {
    return new Gate(credentials, InetAddress::getAllByName);
  }

  /// The same way, for requests that carry a credential.
  AuthorizedHttp authorized() {
    return new AuthorizedHttp(vertx, http, credentials, new AccessTokens(vertx, http, credentials));
  }

  static Reach reach(boolean allowPrivate, @Nullable Tls tls, String... hosts) {
    return new Reach(Set.copyOf(List.of(hosts)), allowPrivate, null, tls);
  }

  static Reach reach(Credential credential, String... hosts) {
    return new Reach(Set.copyOf(List.of(hosts)), true, credential, null);
  }

  Came get(String url, Reach reach) throws Exception {
    return get(url, reach, Duration.ofSeconds(2));
  }

  Came get(String url, Reach reach, Duration timeout) throws Exception {
    GuardedHttp.Prepared prepared;
    try {
      prepared = http.prepare(call(url, reach), reach);
    } catch (Unsent e) {
      return new Came(new Exchanged.Not(e.outcome()), "");
    }
    KeptBody body = new KeptBody(KEPT);
    Exchanged exchanged = await(http.send(prepared, timeout, body, LastLook.NONE));
    return new Came(exchanged, new String(body.bytes(), StandardCharsets.UTF_8));
  }

  private static HttpCall call(String url, Reach reach) throws Unfit {
    return connector(url, reach, List.of()).call(MissingNode.getInstance());
  }

  static HttpConnector connector(String url, Reach reach, List<Probe> preconditions) {
    return new HttpConnector(
        "GET",
        UrlTemplate.of(url),
        new HeadersTemplate(Map.of()),
        null,
        reach,
        Duration.ofSeconds(1),
        false,
        1,
        preconditions,
        null,
        Map.of(),
        Floor.NONE);
  }

  static <T> T await(io.vertx.core.Future<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    var _ = vertx.close();
  }
}
