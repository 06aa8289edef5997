package dev.countersign.ticket.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.countersign.events.Agent;
import dev.countersign.ticket.application.Grants;
import dev.countersign.ticket.application.Signer;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Grants as JWTs (RFC 7519) with rich authorization details (RFC 9396).
@ApplicationScoped
class SignedGrants implements Grants {

  static final String ISSUER = "urn:countersign:ticket-service";
  static final String TYPE = "countersign-grant+jwt";

  private final Signer signer;
  private final Vertx vertx;

  @Inject
  SignedGrants(Signer signer, Vertx vertx) {
    this.signer = signer;
    this.vertx = vertx;
  }

  /// @param input the JWS signing input (RFC 7515 §5.1)
  private record Unsigned(String kid, String input) {

    Signer.Order order() {
      return new Signer.Order(kid, input.getBytes(US_ASCII));
    }
  }

  @Override
  public Uni<List<String>> sign(List<Permission> permissions) {
    if (permissions.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    return vertx
        .executeBlocking(() -> permissions.stream().map(this::unsigned).toList(), false)
        .chain(unsigned ->
            signer
                .sign(unsigned.stream().map(Unsigned::order).toList())
                .map(signatures -> grants(unsigned, signatures)));
  }

  private static List<String> grants(List<Unsigned> unsigned, List<byte[]> signatures) {
    List<String> grants = new ArrayList<>(unsigned.size());
    for (int i = 0; i < unsigned.size(); i++) {
      grants.add(unsigned.get(i).input() + "." + Base64URL.encode(signatures.get(i)));
    }
    return grants;
  }

  private Unsigned unsigned(Permission permission) {
    String kid = signer.kid(Signer.Role.GRANT, permission.at());
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.EdDSA).type(new JOSEObjectType(TYPE)).keyID(kid).build();
    Date at = Date.from(permission.at());
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(permission.action().tool().toolset())
            .subject(permission.action().agent().id())
            .jwtID(permission.actionId().toString())
            .issueTime(at)
            .notBeforeTime(at)
            .expirationTime(Date.from(permission.at().plus(permission.life())))
            .claim("authorization_details", List.of(call(permission)))
            .claim(
                "approvals", permission.approvals().stream().map(SignedGrants::approval).toList())
            .build();
    return new Unsigned(kid, header.toBase64URL() + "." + claims.toPayload().toBase64URL());
  }

  private static Map<String, Object> call(Permission permission) {
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("type", "urn:countersign:tool-call:v1");
    call.put("actions", List.of(permission.action().tool().toString()));
    call.put("identifier", permission.actionId().toString());
    call.put("action_digest", permission.actionDigest().value());
    call.put("agent", agent(permission.action().agent()));
    if (permission.toolDigest() != null) {
      call.put("tool_digest", permission.toolDigest().value());
    }
    if (!permission.preconditions().isEmpty()) {
      call.put(
          "preconditions",
          permission.preconditions().stream()
              .map(each -> Map.of("label", each.label(), "fingerprint", each.fingerprint().value()))
              .toList());
    }
    return call;
  }

  /// As much of it as the action's digest covers, so that whoever has the grant and the parameters
  /// can take that digest.
  private static Map<String, Object> agent(Agent agent) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("id", agent.id());
    if (agent.platform() != null) {
      said.put("platform", agent.platform());
    }
    if (agent.onBehalfOf() != null) {
      said.put("onBehalfOf", agent.onBehalfOf());
    }
    return said;
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
