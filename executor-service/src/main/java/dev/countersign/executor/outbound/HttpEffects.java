package dev.countersign.executor.outbound;

import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.domain.Addresses;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Unfit;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs a tool by one HTTP request, to an address that was looked at before it is connected to.
///
/// What went wrong before the request was handed to the connection is `failed`: nothing was sent.
/// What goes wrong from then on is `unknown`: the target may have heard it.
@ApplicationScoped
class HttpEffects {

  private static final long LARGEST_ANSWER = 1024 * 1024;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final int CONNECTIONS_PER_ADDRESS = 512;
  // Shorter than servers keep an idle connection: one that they have just closed costs an unknown.
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Credentials credentials;
  private final HttpClient client;

  @Inject
  HttpEffects(Vertx vertx, Credentials credentials) {
    this.vertx = vertx;
    this.credentials = credentials;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setKeepAliveTimeout((int) KEEP_ALIVE.toSeconds())
                .setMaxRedirects(0)
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_ADDRESS).setMaxWaitQueueSize(-1));
  }

  /// What is sent, and to which address.
  private record Prepared(RequestOptions options, @Nullable Buffer body) {}

  /// A preparation that led to an outcome instead.
  private static final class Unprepared extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Outcome outcome;

    Unprepared(Outcome outcome) {
      super(null, null, false, false);
      this.outcome = outcome;
    }
  }

  /// Performs the request. An outcome always comes.
  Uni<Outcome> perform(Begun begun, HttpConnector connector) {
    return Uni.createFrom()
        .completionStage(() ->
            // Name service and files may block.
            vertx
                .executeBlocking(() -> prepare(begun, connector), false)
                .compose(it -> send(Objects.requireNonNull(it), connector))
                .recover(failure ->
                    failure instanceof Unprepared why
                        ? Future.succeededFuture(why.outcome)
                        : Future.failedFuture(failure))
                .toCompletionStage());
  }

  private Prepared prepare(Begun begun, HttpConnector connector) throws Unprepared {
    HttpCall call;
    try {
      call = connector.call(begun.parameters());
    } catch (Unfit e) {
      throw new Unprepared(Outcome.refused(e.reason()));
    }
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(call.method()))
            .setSsl(call.tls())
            .setHost(bare(call.host()))
            .setPort(call.port())
            .setURI(call.target())
            .setServer(SocketAddress.inetSocketAddress(call.port(), address(call, connector)))
            .setFollowRedirects(false);
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    call.headers().forEach(headers::set);
    Buffer body = null;
    if (call.body() != null) {
      body = Buffer.buffer(EventJson.write(call.body()));
      if (!headers.contains("content-type")) {
        headers.set("content-type", "application/json");
      }
    }
    headers.set("idempotency-key", begun.actionId().toString());
    headers.set("traceparent", Trace.orNew(begun.traceparent()));
    authorize(headers, connector.credential());
    return new Prepared(options.setHeaders(headers), body);
  }

  private void authorize(MultiMap headers, @Nullable Credential credential) throws Unprepared {
    if (credential == null) {
      return;
    }
    Optional<String> secret = credentials.find(credential);
    if (secret.isEmpty()) {
      throw new Unprepared(
          Outcome.failed(
              "credential-missing",
              "The connector's credential is not where connectors.yaml says, or is not fit for a"
                  + " header; nothing was sent. Put it there and propose the action anew."));
    }
    switch (credential.presentation()) {
      case Credential.Presentation.Bearer _ ->
          headers.set("authorization", "Bearer " + secret.get());
      case Credential.Presentation.Header it -> headers.set(it.name(), secret.get());
    }
  }

  /// The one address that the connection will go to. All that the name stands for must be allowed:
  /// a name that also stands for something inside is being played with.
  private static String address(HttpCall call, HttpConnector connector) throws Unprepared {
    if (!connector.hosts().contains(call.host())) {
      throw new Unprepared(
          Outcome.refused(
              new Reason("host-not-allowed", "The host is not on the connector's list.")));
    }
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(bare(call.host()));
    } catch (UnknownHostException e) {
      throw new Unprepared(
          Outcome.failed(
              "host-unknown", "The target's host name has no address; nothing was sent."));
    }
    if (!connector.allowPrivate()) {
      for (InetAddress address : addresses) {
        if (!Addresses.isPublic(address)) {
          throw new Unprepared(
              Outcome.refused(
                  new Reason(
                      "address-not-allowed",
                      "The target's host has an address inside; nothing was sent. If it is meant,"
                          + " say allowPrivate: true in its connector.")));
        }
      }
    }
    return addresses[0].getHostAddress();
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private Future<Outcome> send(Prepared prepared, HttpConnector connector) {
    return client
        .request(prepared.options)
        .transform(connected ->
            connected.succeeded()
                ? new Exchange(connected.result(), connector).run(prepared.body)
                : Future.succeededFuture(
                    Outcome.failed(
                        "unreachable", "The target could not be connected to; nothing was sent.")));
  }

  /// From the request's first byte to the answer's last.
  private final class Exchange {

    private final HttpClientRequest request;
    private final HttpConnector connector;
    private final Promise<Outcome> outcome = Promise.promise();
    private final MessageDigest digest = sha256();
    private long length;

    Exchange(HttpClientRequest request, HttpConnector connector) {
      this.request = request;
      this.connector = connector;
    }

    Future<Outcome> run(@Nullable Buffer body) {
      long timer =
          vertx.setTimer(
              connector.timeout().toMillis(),
              _ -> {
                end(
                    Outcome.unknown(
                        "timeout",
                        "The target did not answer within "
                            + connector.timeout()
                            + ". Look there whether it took effect."));
                request.reset();
              });
      Future<HttpClientResponse> answered = body == null ? request.send() : request.send(body);
      answered.onComplete(answer -> {
        if (answer.succeeded()) {
          read(answer.result());
        } else {
          end(cut());
        }
      });
      return outcome.future().onComplete(_ -> vertx.cancelTimer(timer));
    }

    private void read(HttpClientResponse response) {
      response.exceptionHandler(_ -> end(cut()));
      response.handler(chunk -> {
        length += chunk.length();
        if (length > LARGEST_ANSWER) {
          end(answered(response, null));
          request.reset();
        } else {
          digest.update(chunk.getBytes());
        }
      });
      response.endHandler(_ ->
          end(
              answered(
                  response, new Digest("sha256:" + HexFormat.of().formatHex(digest.digest())))));
    }

    private void end(Outcome how) {
      outcome.tryComplete(how);
    }

    private Outcome answered(HttpClientResponse response, @Nullable Digest body) {
      int code = response.statusCode();
      Status status = connector.status(code);
      String size = body == null ? "more than 1 MiB, not read to its end" : length + " bytes";
      Result result =
          new Result(
              Integer.toString(code), body, "The target answered " + code + ", " + size + ".");
      Reason reason =
          switch (status) {
            case SUCCEEDED -> null;
            case UNKNOWN ->
                new Reason(
                    "target-unclear",
                    "The target's answer " + code + " leaves open whether it took effect.");
            case FAILED, REFUSED, PRECONDITION_FAILED ->
                code >= 300 && code < 400
                    ? new Reason(
                        "redirected",
                        "The target redirects, and redirects are not followed; correct its URL.")
                    : new Reason("target-failed", "The target answered " + code + ".");
          };
      return new Outcome(status, result, reason);
    }

    private static Outcome cut() {
      return Outcome.unknown(
          "cut-off",
          "The connection broke after the request was sent, or the answer was no HTTP. Look at the"
              + " target whether it took effect.");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
