package dev.countersign.ticket.outbound;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.countersign.ticket.application.Grants;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Grants as JWTs (RFC 7519) with rich authorization details (RFC 9396).
@ApplicationScoped
class SignedGrants implements Grants {

  static final String ISSUER = "urn:countersign:ticket-service";
  static final String TYPE = "countersign-grant+jwt";
  static final Duration LIFE = Duration.ofMinutes(2);

  private final GrantKey key;
  private final Vertx vertx;
  private final JWSHeader header;

  @Inject
  SignedGrants(GrantKey key, Vertx vertx) {
    this.key = key;
    this.vertx = vertx;
    this.header =
        new JWSHeader.Builder(JWSAlgorithm.EdDSA)
            .type(new JOSEObjectType(TYPE))
            .keyID(key.kid())
            .build();
  }

  @Override
  public Uni<List<String>> sign(List<Permission> permissions) {
    if (permissions.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    return vertx.executeBlocking(
        () -> {
          List<String> signed = new ArrayList<>(permissions.size());
          for (Permission each : permissions) {
            signed.add(sign(each));
          }
          return signed;
        },
        false);
  }

  private String sign(Permission permission) throws JOSEException {
    Date at = Date.from(permission.at());
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(permission.action().tool().toolset())
            .subject(permission.action().agent().id())
            .jwtID(permission.actionId().toString())
            .issueTime(at)
            .notBeforeTime(at)
            .expirationTime(Date.from(permission.at().plus(LIFE)))
            .claim(
                "authorization_details",
                List.of(
                    Map.of(
                        "type",
                        "urn:countersign:tool-call:v1",
                        "actions",
                        List.of(permission.action().tool().toString()),
                        "identifier",
                        permission.actionId().toString(),
                        "action_digest",
                        permission.actionDigest().value())))
            .claim(
                "approvals", permission.approvals().stream().map(SignedGrants::approval).toList())
            .build();
    SignedJWT jwt = new SignedJWT(header, claims);
    jwt.sign(key);
    return jwt.serialize();
  }

  private static Map<String, Object> approval(Vote vote) {
    return Map.of(
        "approver",
        vote.approver(),
        "assurance",
        vote.assurance().name().toLowerCase(Locale.ROOT),
        "at",
        vote.at().toString());
  }
}
