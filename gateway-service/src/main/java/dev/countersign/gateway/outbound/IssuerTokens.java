package dev.countersign.gateway.outbound;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.JWTProcessor;
import dev.countersign.gateway.application.Tokens;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Unavailable;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.UnknownHostException;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// OAuth access tokens in JWT form (RFC 9068), checked against the issuer's key set: signature, by
/// an algorithm that the operator allows, `iss`, `aud`, `exp`, `nbf` and `typ`. Keys that the
/// issuer takes out are trusted for five minutes more at most; while it can't be asked, nobody gets
/// in by a key that is not at hand.
@Startup
@ApplicationScoped
class IssuerTokens implements Tokens {

  private static final Logger LOG = Logger.getLogger(IssuerTokens.class);
  private static final int LEEWAY_SECONDS = 5;
  private static final int PATIENCE_MILLIS = 3_000;
  private static final int LARGEST_SET = 256 * 1024;
  // Within it the issuer is asked twice at most, whatever it answers.
  private static final Duration ASKS_AGAIN_AFTER =
      Duration.ofMillis(JWKSourceBuilder.DEFAULT_RATE_LIMIT_MIN_INTERVAL);

  private final @Nullable JWTProcessor<SecurityContext> processor;
  // When its keys could not be had last, on the monotonic clock, in nanoseconds.
  private volatile @Nullable Long failedAt;
  private final String agentClaim;
  private final Optional<String> platformClaim;
  private final Optional<String> toolsetsClaim;

  @Inject
  IssuerTokens(
      @ConfigProperty(name = "countersign.agents.issuer") Optional<String> issuer,
      @ConfigProperty(name = "countersign.agents.jwks") Optional<URI> jwks,
      @ConfigProperty(name = "countersign.agents.audience") Optional<String> audience,
      @ConfigProperty(name = "countersign.agents.algorithms") List<String> algorithms,
      @ConfigProperty(name = "countersign.agents.types") List<String> types,
      @ConfigProperty(name = "countersign.agents.claim") String agentClaim,
      @ConfigProperty(name = "countersign.agents.platform-claim") Optional<String> platformClaim,
      @ConfigProperty(name = "countersign.agents.toolsets-claim") Optional<String> toolsetsClaim) {
    this.agentClaim = agentClaim;
    this.platformClaim = platformClaim;
    this.toolsetsClaim = toolsetsClaim;
    if (issuer.isEmpty()) {
      this.processor = null;
      return;
    }
    if (jwks.isEmpty() || audience.isEmpty()) {
      throw new IllegalStateException(
          "countersign.agents.issuer is set; set countersign.agents.jwks, where its keys are, and"
              + " countersign.agents.audience, what its tokens for this gateway say, too");
    }
    this.processor = processor(issuer.get(), url(jwks.get()), audience.get(), algorithms, types);
  }

  private JWTProcessor<SecurityContext> processor(
      String issuer, URL jwks, String audience, List<String> algorithms, List<String> types) {
    DefaultJWTProcessor<SecurityContext> made = new DefaultJWTProcessor<>();
    made.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            types.stream().map(JOSEObjectType::new).collect(Collectors.toSet())));
    made.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            algorithms(algorithms),
            JWKSourceBuilder.create(
                    jwks,
                    new DefaultResourceRetriever(PATIENCE_MILLIS, PATIENCE_MILLIS, LARGEST_SET))
                .build()));
    DefaultJWTClaimsVerifier<SecurityContext> claims =
        new DefaultJWTClaimsVerifier<>(
            audience,
            new JWTClaimsSet.Builder().issuer(issuer).build(),
            new HashSet<>(Arrays.asList("exp", agentClaim)));
    claims.setMaxClockSkew(LEEWAY_SECONDS);
    made.setJWTClaimsSetVerifier(claims);
    return made;
  }

  // A key set is public: with a symmetric algorithm anybody could sign.
  private static Set<JWSAlgorithm> algorithms(List<String> names) {
    Set<JWSAlgorithm> all = new HashSet<>();
    for (String each : names) {
      JWSAlgorithm algorithm = JWSAlgorithm.parse(each.strip());
      if (!JWSAlgorithm.Family.RSA.contains(algorithm)
          && !JWSAlgorithm.Family.EC.contains(algorithm)) {
        throw new IllegalStateException(
            "countersign.agents.algorithms has \"" + each + "\"; name RSA and EC algorithms alone");
      }
      all.add(algorithm);
    }
    return all;
  }

  private static URL url(URI jwks) {
    try {
      boolean safe =
          "https".equals(jwks.getScheme())
              || ("http".equals(jwks.getScheme())
                  && InetAddress.getByName(jwks.getHost()).isLoopbackAddress());
      if (!safe) {
        throw new IllegalStateException(
            "countersign.agents.jwks is " + jwks + "; it must be https, or on this machine");
      }
      return jwks.toURL();
    } catch (MalformedURLException | UnknownHostException e) {
      throw new IllegalStateException("countersign.agents.jwks is no address: " + jwks, e);
    }
  }

  @Override
  public Uni<Checked> check(String token) {
    JWTProcessor<SecurityContext> checking = processor;
    if (checking == null) {
      return Uni.createFrom()
          .item(
              new Checked.Bad(
                  "the bearer is no agent's key, and no issuer of tokens is trusted here; send a"
                      + " key, or have the operator set countersign.agents.issuer"));
    }
    // A signature costs time, and the key set may have to be fetched.
    return Uni.createFrom()
        .item(() -> check(checking, token))
        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
  }

  private Checked check(JWTProcessor<SecurityContext> checking, String token) {
    try {
      return agent(checking.process(token, null));
    } catch (RateLimitReachedException e) {
      Long failed = failedAt;
      if (failed != null && System.nanoTime() - failed < ASKS_AGAIN_AFTER.toNanos()) {
        throw new Unavailable("the issuer's keys could not be had a moment ago", e);
      }
      // The keys were asked for a moment ago, and this one was not among them.
      return new Checked.Bad("the token names a key that the issuer does not have");
    } catch (KeySourceException e) {
      failedAt = System.nanoTime();
      LOG.warnf("The issuer's keys could not be had cause=%s", e.toString());
      throw new Unavailable("the issuer's keys can't be had", e);
    } catch (BadJOSEException | ParseException e) {
      return new Checked.Bad("the token is not good here: " + e.getMessage());
    } catch (JOSEException e) {
      return new Checked.Bad("the token can't be verified: " + e.getMessage());
    }
  }

  private Checked agent(JWTClaimsSet claims) {
    try {
      String id = claims.getStringClaim(agentClaim);
      if (id == null || id.isBlank()) {
        return new Checked.Bad("the token's claim " + agentClaim + " names no agent");
      }
      String platform = null;
      if (platformClaim.isPresent()) {
        platform = claims.getStringClaim(platformClaim.get());
        if (platform == null || platform.isBlank()) {
          return new Checked.Bad("the token's claim " + platformClaim.get() + " names no platform");
        }
      }
      return new Checked.Good(
          new Caller.Known(
              id,
              platform,
              toolsetsClaim.isEmpty() ? null : toolsets(claims, toolsetsClaim.get())));
    } catch (ParseException e) {
      return new Checked.Bad("a claim of the token has another type: " + e.getMessage());
    }
  }

  /// An array of names, or, as `scope` is, one text with blanks between them; none where it is
  /// missing.
  private static Set<String> toolsets(JWTClaimsSet claims, String claim) throws ParseException {
    List<String> names = new ArrayList<>();
    if (claims.getClaim(claim) instanceof String text) {
      names.addAll(List.of(text.strip().split("\\s+", -1)));
    } else if (claims.getClaim(claim) != null) {
      names.addAll(claims.getStringListClaim(claim));
    }
    return Set.copyOf(names);
  }
}
