package dev.countersign.gateway.inbound;

import dev.countersign.gateway.application.Authenticate;
import dev.countersign.gateway.application.ProposalSigner;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Unavailable;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks of each request who sends it, before anything of it is read, whatever door it is for: REST,
/// MCP or AuthZEN. What is open to anybody is listed here, and nothing else is.
@ApplicationScoped
class CallerFilter {

  private static final Logger LOG = Logger.getLogger(CallerFilter.class);

  // After Problems has turned large bodies away.
  private static final int SECOND = 900;
  private static final String BEARER = "Bearer ";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

  /// Health and metrics, and what describes the service; the operator's own door asks for a secret.
  private static final List<String> OPEN = List.of("/q/", "/.well-known/", "/v1/operator/");

  private final Authenticate authenticate;
  private final ClientCertificates certificates;
  private final RateLimits limits;
  private final Origins origins;
  private final boolean required;
  // Whether what is proposed here goes out under our signature: then all of it must be proven.
  private final boolean signs;
  // Where a client learns who issues tokens (RFC 9728 §5.1), where anybody does.
  private final Optional<URI> metadata;
  // Under which names whoever has none of their own may call; empty where any will do.
  private final Set<String> hosts;
  private final Vertx vertx;

  @Inject
  CallerFilter(
      Authenticate authenticate,
      ClientCertificates certificates,
      RateLimits limits,
      Origins origins,
      ProposalSigner signer,
      @ConfigProperty(name = "countersign.agents.required") Optional<Boolean> required,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = "countersign.agents.issuer") Optional<String> issuer,
      @ConfigProperty(name = "countersign.gateway.url") URI gateway,
      Vertx vertx) {
    this.authenticate = authenticate;
    this.certificates = certificates;
    this.limits = limits;
    this.origins = origins;
    this.required = required.orElseGet(() -> !isLoopback(host));
    this.signs = signer.present();
    if (signs && !this.required) {
      throw new IllegalStateException(
          "countersign.proposals.signing-key is set, and anybody may call: the gateway would sign what"
              + " nobody has proven; set countersign.agents.required to true, too");
    }
    this.metadata = issuer.map(_ -> gateway.resolve("/.well-known/oauth-protected-resource"));
    this.hosts = isLoopback(host) ? hosts(gateway) : Set.of();
    this.vertx = vertx;
  }

  // Who can be reached from elsewhere asks for names, unless the operator says otherwise.
  static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }

  void register(@Observes Filters filters) {
    filters.register(this::ask, SECOND);
  }

  private void ask(RoutingContext request) {
    String path = request.normalizedPath();
    if (path.equals("/openapi") || OPEN.stream().anyMatch(path::startsWith)) {
      request.next();
      return;
    }
    List<String> sent = request.request().headers().getAll("Authorization");
    Optional<Caller.Known> certified;
    try {
      certified = certificates.agent(request.request());
    } catch (IllegalArgumentException e) {
      refuse(request, String.valueOf(e.getMessage()));
      return;
    }
    if (sent.isEmpty() && certified.isEmpty()) {
      nobody(request);
    } else if (sent.size() > 1 || sent.stream().anyMatch(each -> bearer(each) == null)) {
      refuse(request, "send one Authorization header, and in it Bearer and a key or a token");
    } else {
      check(request, sent.isEmpty() ? null : bearer(sent.getFirst()), certified.orElse(null));
    }
  }

  private static @Nullable String bearer(String header) {
    // RFC 9110 §11.1: the scheme's case does not matter.
    return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? header.substring(BEARER.length()).strip()
        : null;
  }

  private void nobody(RoutingContext request) {
    if (required) {
      refuse(
          request, "agents say who they are here: send Authorization: Bearer and a key or a token");
    } else if (isBent(request.request().authority())) {
      end(
          request,
          Problem.of(
              403,
              "foreign-host",
              "Not called by a name of this machine",
              "Call the gateway by localhost, or with a credential."));
    } else if (!origins.allow(request.request().getHeader("Origin"))) {
      // Its page would propose what it likes, in any agent's name.
      end(
          request,
          Problem.of(
              403,
              "foreign-origin",
              "Not called by a page of this machine",
              "Pages of this origin call with a credential or not at all; the operator lists origins"
                  + " in countersign.mcp.origins."));
    } else {
      admit(
          request,
          new Caller.Anonymous(RateLimits.address(request.request().remoteAddress())),
          () -> Uni.createFrom().item(true));
    }
  }

  private static Set<String> hosts(URI gateway) {
    Set<String> hosts = new HashSet<>(LOOPBACK);
    hosts.add(String.valueOf(gateway.getHost()));
    return hosts;
  }

  /// Whether a page had its own name bent to our address (DNS rebinding): what it reads without a
  /// credential would be any agent's.
  private boolean isBent(@Nullable HostAndPort called) {
    return !hosts.isEmpty() && called != null && !hosts.contains(called.host());
  }

  private void check(
      RoutingContext request, @Nullable String bearer, Caller.@Nullable Known certified) {
    Context own = vertx.getOrCreateContext();
    Supplier<Uni<Authenticate.Outcome>> asked = () -> authenticate.authenticate(bearer, certified);
    asked
        .get()
        .subscribe()
        .with(
            outcome -> own.runOnContext(_ -> answer(request, outcome, asked)),
            failure -> own.runOnContext(_ -> fail(request, failure)));
  }

  private void answer(
      RoutingContext request,
      Authenticate.Outcome outcome,
      Supplier<Uni<Authenticate.Outcome>> again) {
    switch (outcome) {
      case Authenticate.Outcome.Proven it when signs && !namesItsPlatform(it.agent()) ->
          refuse(
              request,
              "what is proposed here is signed, with its platform; use a credential that names it");
      case Authenticate.Outcome.Proven it ->
          admit(request, it.agent(), () -> again.get().map(it::equals));
      case Authenticate.Outcome.Refused it -> refuse(request, it.sentence());
    }
  }

  /// The operator has no platform, and asks for nothing that runs elsewhere.
  private static boolean namesItsPlatform(Caller.Known agent) {
    return agent.platform() != null || agent.equals(Authenticate.OPERATOR);
  }

  private static void fail(RoutingContext request, Throwable failure) {
    if (failure instanceof Unavailable away) {
      LOG.warnf("Caller could not be checked cause=%s", away.getCause());
      request.response().putHeader("Retry-After", "1");
      end(
          request,
          Problem.of(
              503,
              "unavailable",
              "Not available now",
              "The credential cannot be checked now; send the same request again."));
    } else {
      request.fail(failure);
    }
  }

  private void admit(RoutingContext request, Caller caller, Supplier<Uni<Boolean>> stillGood) {
    Optional<Problem> tooFast = limits.count(request, caller);
    if (tooFast.isPresent()) {
      end(request, tooFast.get());
      return;
    }
    Callers.put(request, caller, stillGood);
    request.next();
  }

  private void refuse(RoutingContext request, String sentence) {
    String door = request.normalizedPath().equals("/mcp") ? "/mcp" : "";
    // None of the request's words: a header is no place for what a stranger sent.
    String challenge =
        "Bearer realm=\"countersign\""
            + metadata.map(it -> ", resource_metadata=\"" + it + door + "\"").orElse("");
    request.response().putHeader("WWW-Authenticate", challenge);
    end(request, Problem.of(401, "not-authenticated", "Not authenticated", sentence + "."));
  }

  private static void end(RoutingContext request, Problem problem) {
    // Its body is thrown away, so that the connection is good for the next one; unless nobody knows
    // how long it is.
    request.request().resume();
    if (request.request().getHeader("Transfer-Encoding") != null) {
      request.response().putHeader("Connection", "close");
    }
    request
        .response()
        .setStatusCode(problem.status())
        .putHeader("Content-Type", Problem.MEDIA_TYPE)
        .putHeader("Cache-Control", "no-store")
        .end(Buffer.buffer(problem.json()));
  }
}
