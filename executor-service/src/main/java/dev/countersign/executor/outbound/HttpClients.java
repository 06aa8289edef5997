package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One client for each way in which the two sides of a connection are known. A certificate that was
/// replaced is used from the next request on.
@ApplicationScoped
class HttpClients {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final int CONNECTIONS_PER_ADDRESS = 512;
  // Longer than any request may take.
  private static final Duration LAST_OF_AN_OLD_ONE = Duration.ofMinutes(6);

  /// Compared by what the files hold.
  private record Known(@Nullable KeyCertOptions identity, @Nullable TrustOptions trust) {}

  private record Held(Known known, HttpClient client) {}

  private final Vertx vertx;
  private final Credentials credentials;
  private final HttpClient usual;
  private final Map<Tls, Held> byTls = new HashMap<>();

  @Inject
  HttpClients(Vertx vertx, Credentials credentials) {
    this.vertx = vertx;
    this.credentials = credentials;
    this.usual = client(new Known(null, null));
  }

  /// The client for connections that are known in this way. It may block.
  HttpClient of(@Nullable Tls tls) throws Unsent {
    return tls == null ? usual : held(tls, known(tls));
  }

  private synchronized HttpClient held(Tls tls, Known known) throws Unsent {
    Held before = byTls.get(tls);
    if (before != null && before.known.equals(known)) {
      return before.client;
    }
    Held made;
    try {
      made = new Held(known, client(known));
    } catch (VertxException | IllegalArgumentException e) {
      throw missing();
    }
    byTls.put(tls, made);
    if (before != null) {
      closeLater(before);
    }
    return made.client;
  }

  /// Lets go of the connections that no connector makes any more.
  synchronized void keepOnly(Set<Tls> named) {
    Iterator<Map.Entry<Tls, Held>> each = byTls.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Tls, Held> held = each.next();
      if (!named.contains(held.getKey())) {
        each.remove();
        closeLater(held.getValue());
      }
    }
  }

  private void closeLater(Held old) {
    vertx.setTimer(LAST_OF_AN_OLD_ONE.toMillis(), _ -> old.client.close());
  }

  private HttpClient client(Known known) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
            // A connection for each request: on a used one, what the target said too much may be
            // read as the answer to the next request, and one that was just closed costs an
            // unknown.
            .setKeepAlive(false)
            .setMaxRedirects(0)
            .setDecompressionSupported(false);
    if (known.identity != null) {
      options.setKeyCertOptions(known.identity.copy());
    }
    if (known.trust != null) {
      options.setTrustOptions(known.trust.copy());
    }
    return vertx.createHttpClient(
        options,
        new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_ADDRESS).setMaxWaitQueueSize(-1));
  }

  private Known known(Tls tls) throws Unsent {
    KeyCertOptions identity =
        switch (tls.identity()) {
          case null -> null;
          case Tls.Identity.Pkcs12 it ->
              new PfxOptions()
                  .setValue(file(it.file()))
                  .setPassword(there(credentials.find(it.password())));
          case Tls.Identity.Pem it ->
              new PemKeyCertOptions()
                  .setCertValue(file(it.certificate()))
                  .setKeyValue(file(it.key()));
        };
    return new Known(
        identity,
        tls.trust() == null ? null : new PemTrustOptions().addCertValue(file(tls.trust())));
  }

  private Buffer file(String name) throws Unsent {
    return Buffer.buffer(there(credentials.findBytes(name)));
  }

  private static <T> T there(Optional<T> found) throws Unsent {
    return found.orElseThrow(HttpClients::missing);
  }

  private static Unsent missing() {
    return new Unsent(
        Outcome.failed(
            "credential-missing",
            "The connector's certificate or key is not where connectors.yaml says, or can't be"
                + " read; nothing was sent. Put it there and propose the action anew."));
  }
}
