package dev.countersign.executor.outbound;

import dev.countersign.events.Reason;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Addresses;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Reach;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The one way out over HTTP: to a host on the connector's list, at an address that was looked at
/// before it is connected to, along no redirect, within a bound of time and as much of the answer
/// as its reader takes.
///
/// What goes wrong before the request is handed to the connection is {@link Exchanged.Not}: nothing
/// was sent. What goes wrong from then on is {@link Exchanged.Broken}.
@ApplicationScoped
class GuardedHttp {

  /// Names to addresses; it may block.
  @FunctionalInterface
  interface Names {
    InetAddress[] find(String host) throws UnknownHostException;
  }

  /// What is sent, and over which connection.
  record Prepared(HttpClient client, RequestOptions options, @Nullable String body) {}

  private final Vertx vertx;
  private final HttpClients clients;
  private final Names names;

  @Inject
  GuardedHttp(Vertx vertx, HttpClients clients) {
    this(vertx, clients, InetAddress::getAllByName);
  }

  GuardedHttp(Vertx vertx, HttpClients clients, Names names) {
    this.vertx = vertx;
    this.clients = clients;
    this.names = names;
  }

  /// The client for requests within this reach: another one for another certificate. It may block.
  HttpClient client(Reach reach) throws Unsent {
    return clients.of(reach.tls());
  }

  /// Finds where the request goes. It may block: name service and files are asked.
  Prepared prepare(HttpCall call, Reach reach) throws Unsent {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(call.method()))
            .setSsl(call.tls())
            .setHost(bare(call.host()))
            .setPort(call.port())
            .setURI(call.target())
            .setServer(SocketAddress.inetSocketAddress(call.port(), address(call, reach)))
            .setFollowRedirects(false);
    call.headers().forEach(options::putHeader);
    return new Prepared(client(reach), options, call.body());
  }

  /// The one address that the connection will go to. All that the name stands for must be allowed:
  /// a name that also stands for something inside is being played with.
  private String address(HttpCall call, Reach reach) throws Unsent {
    if (!reach.hosts().contains(call.host())) {
      throw new Unsent(
          Outcome.refused(
              new Reason("host-not-allowed", "The host is not on the connector's list.")));
    }
    InetAddress[] addresses;
    try {
      addresses = names.find(bare(call.host()));
    } catch (UnknownHostException e) {
      throw new Unsent(
          Outcome.failed(
              "host-unknown", "The target's host name has no address; nothing was sent."));
    }
    if (!reach.allowPrivate()) {
      for (InetAddress address : addresses) {
        if (!Addresses.isPublic(address)) {
          throw new Unsent(
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

  /// @param timeout from the request's first byte to the answer's last
  /// @param look asked when the connection is there and nothing has been sent
  Future<Exchanged> send(Prepared prepared, Duration timeout, AnswerReader reader, LastLook look) {
    return prepared
        .client
        .request(prepared.options)
        .transform(connected ->
            connected.succeeded()
                ? lookThenRun(
                    new Exchange(connected.result(), timeout, reader), prepared.body, look)
                : Future.succeededFuture(
                    new Exchanged.Not(
                        Outcome.failed(
                            "unreachable",
                            "The target could not be connected to; nothing was sent."))));
  }

  private Future<Exchanged> lookThenRun(Exchange exchange, @Nullable String body, LastLook look) {
    return Future.fromCompletionStage(
            look.now().subscribeAsCompletionStage(), vertx.getOrCreateContext())
        .compose(no -> no.isPresent() ? exchange.drop(no.get()) : exchange.run(body));
  }

  /// From the request's first byte to the answer's last.
  private final class Exchange {

    private final HttpClientRequest request;
    private final Duration timeout;
    private final AnswerReader reader;
    private final Promise<Exchanged> exchanged = Promise.promise();

    Exchange(HttpClientRequest request, Duration timeout, AnswerReader reader) {
      this.request = request;
      this.timeout = timeout;
      this.reader = reader;
    }

    /// Gives the connection up, unused.
    Future<Exchanged> drop(Outcome why) {
      request.reset();
      return Future.succeededFuture(new Exchanged.Not(why));
    }

    Future<Exchanged> run(@Nullable String body) {
      long timer =
          vertx.setTimer(
              timeout.toMillis(),
              _ -> {
                end(
                    new Exchanged.Broken(
                        Outcome.unknown(
                            "timeout",
                            "The target did not answer within "
                                + timeout
                                + ". Look there whether it took effect.")));
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
      return exchanged.future().onComplete(_ -> vertx.cancelTimer(timer));
    }

    private void read(HttpClientResponse response) {
      reader.begin(response.headers());
      response.exceptionHandler(_ -> end(cut()));
      response.handler(chunk -> {
        // What is still on its way when enough was read, or time was up, is nobody's any more.
        if (!exchanged.future().isComplete() && !reader.take(chunk)) {
          end(new Exchanged.Answered(response.statusCode(), response.headers(), false));
          request.reset();
        }
      });
      response.endHandler(
          _ -> end(new Exchanged.Answered(response.statusCode(), response.headers(), true)));
    }

    private void end(Exchanged how) {
      exchanged.tryComplete(how);
    }

    private static Exchanged cut() {
      return new Exchanged.Broken(
          Outcome.unknown(
              "cut-off",
              "The connection broke after the request was sent, or the answer was no HTTP. Look at"
                  + " the target whether it took effect."));
    }
  }
}
