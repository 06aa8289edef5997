package dev.countersign.policy.inbound;

import static dev.countersign.policy.domain.Proposals.proposal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Where the operator names who may sign, nothing else is judged. Signatures are made here by the
/// JDK alone.
@QuarkusTest
@TestProfile(SignedProposalsTest.Named.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = PolicyFolder.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class SignedProposalsTest {

  private static final Key ACME = Key.ec("acme-1");
  private static final Key ACME_RSA = Key.rsa("acme-2");
  private static final Key GATEWAY = Key.ec("gateway");
  private static final Key STRANGER = Key.ec("stranger");
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  /// With a file that names the platform `acme-agents` and the gateway.
  public static class Named implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      try {
        Path file = Files.createTempDirectory("signers-").resolve("signers.yaml");
        write(file, ACME.of("platform: acme-agents") + ACME_RSA.of("platform: acme-agents"));
        return Map.of("countersign.proposals.signers", file.toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private record Key(String kid, String alg, KeyPair pair) {

    static Key ec(String kid) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return new Key(kid, "ES256", generator.generateKeyPair());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    static Key rsa(String kid) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2_048);
        return new Key(kid, "RS256", generator.generateKeyPair());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    String of(String whom) {
      return "  - kid: %s%n    %s%n    key: |%n%s".formatted(kid, whom, pem(pair.getPublic()));
    }

    private static String pem(PublicKey key) {
      String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
      return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
          .formatted(base64)
          .indent(6);
    }

    /// RFC 7515 appendix F.
    String sign(byte[] data) {
      return sign(data, "countersign-proposal+jws");
    }

    String sign(byte[] data, String type) {
      String header =
          base64url("{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"%s\"}".formatted(alg, kid, type));
      try {
        Signature signature =
            Signature.getInstance(
                alg.equals("RS256") ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
        signature.initSign(pair.getPrivate());
        signature.update(
            (header + "." + BASE64URL.encodeToString(data)).getBytes(StandardCharsets.US_ASCII));
        return header + ".." + BASE64URL.encodeToString(signature.sign());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String base64url(String text) {
      return BASE64URL.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @ConfigProperty(name = "countersign.proposals.signers")
  Path file;

  Wire wire;

  @BeforeEach
  void theGatewayToo() {
    write(
        file,
        ACME.of("platform: acme-agents")
            + ACME_RSA.of("platform: acme-agents")
            + GATEWAY.of("role: gateway"));
    awaitInForce(GATEWAY, true);
  }

  private static void write(Path file, String signers) {
    try {
      PolicyFolder.write(file, "signers:\n" + signers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Until a proposal by this key is judged, or not any more.
  private void awaitInForce(Key key, boolean inForce) {
    wire.await(
        key.kid() + (inForce ? " is in force" : " is not in force any more"),
        () -> {
          String id = propose("acme-agents", key);
          wire.await("an answer", () -> !verdicts(id).isEmpty() || !letters(id).isEmpty());
          return verdicts(id).isEmpty() != inForce;
        });
  }

  private static byte[] data(String id, @Nullable String platform) {
    var proposal = proposal("demo/noop").id(id);
    return (platform == null ? proposal : proposal.platform(platform)).bytes();
  }

  private String propose(@Nullable String platform, Key key) {
    String id = UUID.randomUUID().toString();
    byte[] data = data(id, platform);
    publish(id, data, key.sign(data));
    return id;
  }

  private void publish(String key, byte[] data, @Nullable String signature) {
    ProducerRecord<byte[], byte[]> record = ProposalRecords.binary(key, data);
    if (signature != null) {
      ProposalRecords.header(record, "ce_signature", signature);
    }
    wire.send(record);
  }

  private List<ConsumerRecord<byte[], byte[]>> verdicts(String id) {
    return wire.under(id, Topics.VERDICT);
  }

  private List<ConsumerRecord<byte[], byte[]>> letters(String id) {
    return wire.under(id, Topics.DEAD_LETTER);
  }

  private void assertJudged(String id) {
    wire.await("a verdict", () -> !verdicts(id).isEmpty());
    assertTrue(letters(id).isEmpty(), "put aside, too");
  }

  /// Put aside, and its id is not answered: it may be somebody else's.
  private void assertPutAside(String id, String reason) {
    wire.await("a dead letter", () -> !letters(id).isEmpty());
    assertEquals(reason, Wire.header(letters(id).getFirst(), "dl_reason"));
    assertTrue(verdicts(id).isEmpty(), "judged all the same");
  }

  @Test
  void whatItsPlatformHasSignedIsJudged() {
    assertJudged(propose("acme-agents", ACME));
    assertJudged(propose("acme-agents", ACME_RSA));
  }

  @Test
  void theGatewaySpeaksForAll() {
    assertJudged(propose("another-platform", GATEWAY));
    assertJudged(propose(null, GATEWAY));
  }

  @Test
  void whatIsNotSignedIsPutAside() {
    String id = UUID.randomUUID().toString();
    publish(id, data(id, "acme-agents"), null);
    assertPutAside(id, "unsigned");
  }

  @Test
  void oneByteMoreIsNotSigned() {
    String id = UUID.randomUUID().toString();
    byte[] data = data(id, "acme-agents");
    byte[] longer =
        (new String(data, StandardCharsets.UTF_8) + " ").getBytes(StandardCharsets.UTF_8);
    publish(id, longer, ACME.sign(data));
    assertPutAside(id, "signature");
  }

  @Test
  void aKeyThatIsNotNamedSignsNothing() {
    assertPutAside(propose("acme-agents", STRANGER), "signature");
    Key disguised = new Key(ACME.kid(), ACME.alg(), STRANGER.pair());
    assertPutAside(propose("acme-agents", disguised), "signature");
  }

  @Test
  void aPlatformSpeaksForItsOwnAgentsAlone() {
    assertPutAside(propose("another-platform", ACME), "not-your-platform");
    assertPutAside(propose("Acme-Agents", ACME), "not-your-platform");
    assertPutAside(propose(null, ACME), "not-your-platform");
  }

  @Test
  void aSignatureForSomethingElseIsNone() {
    String id = UUID.randomUUID().toString();
    byte[] data = data(id, "acme-agents");
    publish(id, data, ACME.sign(data, "JWT"));
    assertPutAside(id, "signature");
  }

  @Test
  void anAlgorithmThatDoesNotGoWithTheKeyIsRefused() {
    assertPutAside(
        propose("acme-agents", new Key(ACME.kid(), "RS256", ACME_RSA.pair())), "signature");
    String id = UUID.randomUUID().toString();
    byte[] data = data(id, "acme-agents");
    publish(id, data, Key.base64url("{\"alg\":\"none\",\"kid\":\"acme-1\"}") + "..");
    assertPutAside(id, "signature");
    String other = UUID.randomUUID().toString();
    publish(other, data(other, "acme-agents"), "no signature at all");
    assertPutAside(other, "signature");
  }

  @Test
  void whatCanNotBeReadIsNotAnsweredWhereNobodyHasSignedIt() {
    String id = UUID.randomUUID().toString();
    publish(id, ("{\"actionId\": \"" + id + "\"}").getBytes(StandardCharsets.UTF_8), null);
    assertPutAside(id, "unsigned");
    byte[] data = ("{\"actionId\": \"" + id + "\"}").getBytes(StandardCharsets.UTF_8);
    publish(id, data, ACME.sign(data));
    wire.await("its signer is told", () -> !verdicts(id).isEmpty());
  }

  @Test
  void theRecordsSubjectAndKeyAreNobodysWord() {
    String victim = UUID.randomUUID().toString();
    byte[] nothing = "[]".getBytes(StandardCharsets.UTF_8);
    publish(victim, nothing, ACME.sign(nothing));
    wire.await("a dead letter", () -> !letters(victim).isEmpty());
    assertTrue(verdicts(victim).isEmpty(), "answered by a key that nobody signed");

    String another = UUID.randomUUID().toString();
    ProducerRecord<byte[], byte[]> noEnvelope =
        ProposalRecords.bare(another, data(another, "acme-agents"));
    ProposalRecords.header(noEnvelope, "ce_subject", another);
    wire.send(noEnvelope);
    assertPutAside(another, "envelope");
  }

  @Test
  void aStructuredEventCarriesItAsAnAttribute() {
    String id = UUID.randomUUID().toString();
    byte[] data = data(id, "acme-agents");
    wire.send(
        new ProducerRecord<>(
            Topics.ACTION_PROPOSED,
            null,
            null,
            null,
            ("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:test\",\"type\":\""
                    + Topics.type(Topics.ACTION_PROPOSED)
                    + "\",\"signature\":\""
                    + ACME.sign(data)
                    + "\",\"data\":"
                    + new String(data, StandardCharsets.UTF_8)
                    + "}")
                .getBytes(StandardCharsets.UTF_8),
            List.of(
                new RecordHeader(
                    "content-type",
                    "application/cloudevents+json".getBytes(StandardCharsets.UTF_8)))));
    assertJudged(id);
  }

  @Test
  void whoeverIsTakenOutSignsNoMoreAndABadFileChangesNothing() throws IOException {
    write(file, ACME.of("platform: acme-agents"));
    awaitInForce(GATEWAY, false);
    assertJudged(propose("acme-agents", ACME));
    PolicyFolder.write(file, "signers: []\n");
    wire.await(
        "the bad file is told of",
        () -> RestAssured.get("/q/health/ready").asString().contains("problemOfSigners"));
    assertPutAside(propose("acme-agents", GATEWAY), "signature");
    assertJudged(propose("acme-agents", ACME));
  }
}
