package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Action;
import dev.countersign.events.Tool;
import java.time.Duration;
import java.time.Instant;

/// For a system that runs approved calls itself: whether a grant permits exactly the call at hand,
/// now. It needs the ticket service's key set and nothing that runs.
///
/// ```java
/// KeySet keys = KeySet.read(jwks);                         // from /.well-known/jwks.json
/// GrantVerifier grants = new GrantVerifier(keys.grantKeys(Clock.systemUTC()), "urn:countersign:ticket-service");
/// grants.verify(token, new Tool("releases", "deploy"), parameters, Instant.now());
/// // … then POST {"grant", "parameters"} to the executor's /v1/grants/redeem, and run it on 200 alone
/// ```
///
/// Permission is not yet the only one: that nobody else runs the same call is what redeeming adds.
public final class GrantVerifier {

  /// How far the clocks of signer and verifier may be apart.
  public static final Duration LEEWAY = Duration.ofSeconds(5);

  private final GrantReader reader;
  private final String issuer;

  public GrantVerifier(GrantReader.Keys keys, String issuer) {
    this.reader = new GrantReader(keys);
    this.issuer = issuer;
  }

  /// The grant, if it permits this tool with these parameters at this time (RFC 7519 §4.1).
  ///
  /// @param parameters every one, as they are about to be used
  public Grant verify(String token, Tool tool, JsonNode parameters, Instant now)
      throws InvalidGrant {
    Grant grant = reader.read(token);
    grant.mustPermit(grant.actionId(), new Action(grant.agent(), tool, parameters), issuer);
    InvalidGrant.unless(
        !now.isBefore(grant.notBefore().minus(LEEWAY)),
        "grant-early",
        "the grant does not hold yet: look at the clocks");
    InvalidGrant.unless(
        now.isBefore(grant.expiresAt().plus(LEEWAY)),
        "grant-expired",
        "the grant's time is over; propose the action anew");
    return grant;
  }
}
