package dev.countersign.ticket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Answer;
import dev.countersign.events.Assertion;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Statement;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteChallenge;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.testbrowser.Programs;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.domain.Proof;
import dev.countersign.verifier.Finding;
import dev.countersign.verifier.KeySet;
import dev.countersign.verifier.Verification;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is stored of a vote convinces verifiers that nobody here wrote: FIDO's own tool of the
/// assertion, Sigstore's library of the envelope. Where they aren't on the machine these tests are
/// skipped, except under `CI=true`.
@QuarkusTest
@SuppressWarnings("NullAway.Init") // injected
class IndependentVerifiersTest extends TicketServiceTest {

  private static final Path STOCK = Path.of("../flow-tests/stock-verifier");

  @ConfigProperty(name = "countersign.state")
  Path state;

  @Inject CastVote castVote;

  @TempDir Path folder;

  private SoftwarePasskey passkey;

  @BeforeEach
  void enrol() {
    passkey = passkeyOf("alice");
  }

  @Test
  void oursAcceptsBoth() throws Exception {
    Finding finding =
        Verification.of(EventJson.write(storedVote()), KeySet.read(Files.readAllBytes(jwks())));

    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    assertTrue(
        finding.sentence().contains("with a passkey that verified the person, at " + origin),
        finding.sentence());
  }

  @Test
  void fidosOwnToolAcceptsTheAssertionAndNotOneWithoutUserVerification() throws Exception {
    Programs.need("fido2-assert");
    Statement statement = EventJson.read(storedVote().body(), Statement.class);
    Assertion stored = Objects.requireNonNull(statement.predicate().assertion());
    String challenge =
        EventJson.readTree(bytes(stored.clientDataJSON())).path("challenge").textValue();

    assertEquals(0, fido2Assert(stored));
    assertEquals(1, fido2Assert(assertion(passkey.unverified(), challenge)));
    byte[] other = bytes(stored.signature());
    other[other.length - 1] ^= 1;
    assertEquals(
        1,
        fido2Assert(
            new Assertion(
                stored.authenticatorData(),
                stored.clientDataJSON(),
                Base64.getUrlEncoder().encodeToString(other),
                stored.credentialId(),
                stored.publicKey(),
                stored.rpId(),
                stored.origin(),
                stored.signCountBefore())));
  }

  /// fido2-assert(1), "INPUT FORMAT"; the authenticator data is a CBOR byte string (RFC 8949 §3.1).
  private int fido2Assert(Assertion assertion) throws Exception {
    Base64.Encoder base64 = Base64.getEncoder();
    byte[] data = bytes(assertion.authenticatorData());
    byte[] cbor = new byte[data.length + 2];
    cbor[0] = 0x58;
    cbor[1] = (byte) data.length;
    System.arraycopy(data, 0, cbor, 2, data.length);
    Path input =
        Files.write(
            folder.resolve("assertion"),
            List.of(
                base64.encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(bytes(assertion.clientDataJSON()))),
                assertion.rpId(),
                base64.encodeToString(cbor),
                base64.encodeToString(bytes(assertion.signature()))));
    Path key =
        Files.write(
            folder.resolve("key.pem"),
            List.of(
                "-----BEGIN PUBLIC KEY-----",
                Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(bytes(assertion.publicKey())),
                "-----END PUBLIC KEY-----"));
    return run(
        folder, "fido2-assert", "-V", "-p", "-v", "-i", input.toString(), key.toString(), "es256");
  }

  @Test
  void aStockDsseImplementationAcceptsTheEnvelopeAndNotWithOneByteChanged() throws Exception {
    Programs.needPackages(STOCK);
    DsseEnvelope stored = storedVote();
    byte[] body = stored.body();
    byte[] signature = stored.signatures().getFirst().bytes();

    assertEquals(0, stockVerifier(stored));
    for (int at : new int[] {0, body.length / 2, body.length - 1}) {
      assertEquals(1, stockVerifier(with(stored, flipped(body, at), signature)));
    }
    for (int at : new int[] {5, signature.length / 2, signature.length - 1}) {
      assertEquals(1, stockVerifier(with(stored, body, flipped(signature, at))));
    }
  }

  private static DsseEnvelope with(DsseEnvelope stored, byte[] body, byte[] signature) {
    return DsseEnvelope.of(
        stored.payloadType(),
        body,
        Objects.requireNonNull(stored.signatures().getFirst().keyid()),
        signature);
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] changed = bytes.clone();
    changed[at] ^= 1;
    return changed;
  }

  private int stockVerifier(DsseEnvelope envelope) throws Exception {
    Path file = Files.write(folder.resolve("envelope.json"), EventJson.write(envelope));
    return run(STOCK, "node", "verify.mjs", file.toString(), jwks().toAbsolutePath().toString());
  }

  private Path jwks() {
    return state.resolve("ticket/jwks.json");
  }

  /// The attestation of a vote by passkey, as the database has it.
  private DsseEnvelope storedVote() throws SQLException {
    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 1);
    Instant until = open(verdict).expiresAt();
    Digest shown = verdict.prompt().digest();
    VoteChallenge.Item item =
        new VoteChallenge.Item(
            verdict.actionId(),
            0,
            verdict.actionDigest(),
            shown,
            Answer.APPROVE,
            "alice",
            until.truncatedTo(ChronoUnit.MICROS),
            null);
    byte[] nonce = verdict.actionId().toString().substring(0, 32).getBytes(UTF_8);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    Proof proof =
        new Proof(
            base64.encodeToString(nonce),
            assertion(passkey, base64.encodeToString(VoteChallenge.of(nonce, item))),
            List.of(item),
            false);
    castVote
        .cast(
            verdict.actionId(),
            new CastVote.Ballot(
                "alice",
                Assurance.PASSKEY,
                Answer.APPROVE,
                0,
                shown,
                Map.of(2, "EUR 48200.00"),
                null,
                proof,
                proof.assertion().credentialId(),
                null))
        .await()
        .atMost(Duration.ofSeconds(30));
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement("select attestation from vote where action_id = ?")) {
      select.setObject(1, verdict.actionId().value());
      try (ResultSet row = select.executeQuery()) {
        assertTrue(row.next());
        return EventJson.read(row.getString(1).getBytes(UTF_8), DsseEnvelope.class);
      }
    }
  }

  private Assertion assertion(SoftwarePasskey passkey, String challenge) {
    JsonNode response = passkey.sign(challenge).path("response");
    return new Assertion(
        response.path("authenticatorData").textValue(),
        response.path("clientDataJSON").textValue(),
        response.path("signature").textValue(),
        passkey.id(),
        passkey.toJson().path("publicKey").textValue(),
        String.valueOf(origin.getHost()),
        origin,
        0);
  }

  private static byte[] bytes(String base64) {
    return Base64.getUrlDecoder().decode(base64);
  }

  private static int run(Path folder, String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    System.out.print(new String(process.getInputStream().readAllBytes(), UTF_8));
    return process.waitFor();
  }
}
