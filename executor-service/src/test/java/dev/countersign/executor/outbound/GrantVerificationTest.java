package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import dev.countersign.executor.GrantSigner;
import dev.countersign.executor.Outside;
import dev.countersign.messaging.Unavailable;
import dev.countersign.testservers.Servers;
import dev.countersign.verifier.InvalidGrant;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
class GrantVerificationTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();
  private static final String NOWHERE = "http://127.0.0.1:1/jwks.json";

  @Inject DataSource database;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private final ActionId actionId = new ActionId(UUID.randomUUID());
  private final Action action =
      new Action(
          new Agent("billing-bot", null, null, null),
          new Tool("payments", "wire_transfer"),
          JsonNodeFactory.instance.objectNode());
  private final String grant = TICKET_SERVICE.grant(actionId, action);

  @BeforeEach
  void forgetTheKeys() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("delete from grant_keys");
    }
  }

  @Test
  void itIsNotTheSlowerEcdsaThatVerifiesApprovals() throws Exception {
    new GrantKeys(NOWHERE, database);
    assertEquals(
        "CountersignEcdsa", Signature.getInstance("SHA256withECDSA").getProvider().getName());
  }

  @Test
  void oneCharacterChangedAnywhereInTheGrantIsRefused() throws Exception {
    // At each look at the clock two seconds have gone by, so that no unknown kid has to wait.
    AtomicLong clock = new AtomicLong();
    PublishedGrants grants =
        new PublishedGrants(
            new GrantKeys(keySet().toString(), database, () -> clock.addAndGet(2_000_000_000L)));
    assertEquals(actionId, grants.authentic(grant).actionId());

    for (int at = 0; at < grant.length(); at++) {
      for (char to : new char[] {'A', 'B', 'Q', 'g', 'w', '_', '.', '=', '+'}) {
        if (grant.charAt(at) == to) {
          continue;
        }
        String changed = grant.substring(0, at) + to + grant.substring(at + 1);
        assertThrows(InvalidGrant.class, () -> grants.authentic(changed), () -> changed);
      }
    }
    assertThrows(InvalidGrant.class, () -> grants.authentic(grant + "="));
    assertThrows(InvalidGrant.class, () -> grants.authentic(" " + grant));
    assertThrows(InvalidGrant.class, () -> grants.authentic(""));
  }

  @Test
  void aKeyThatComesWithTheTokenIsNotTrusted() throws Exception {
    PublishedGrants grants = new PublishedGrants(new GrantKeys(keySet().toString(), database));
    GrantSigner attacker = GrantSigner.attacker();
    ObjectNode header = GrantSigner.header();
    header.putObject("jwk").put("kty", "OKP").put("crv", "Ed25519").put("x", attacker.publicKey());
    String forged =
        attacker.sign(
            header,
            GrantSigner.claims(actionId, action, Instant.now(), Instant.now().plusSeconds(60)));

    InvalidGrant refused = assertThrows(InvalidGrant.class, () -> grants.authentic(forged));

    assertEquals("grant-signature", refused.reason());
  }

  @Test
  void anAttestationKeyNeverVerifiesAGrant() throws Exception {
    // The attestation key is of the grant's kind, and the role alone tells them apart.
    for (String role : List.of("\"role\": \"attestation\",", "\"role\": \"login\",", "")) {
      String jwks =
          TICKET_SERVICE
              .jwks()
              .replaceFirst(
                  "\\[",
                  """
                  [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "other", %s
                   "x": "%s"},
                  """
                      .formatted(role, GrantSigner.attacker().publicKey()));
      Path file = Files.writeString(folder.resolve("jwks.json"), jwks);
      // At each look at the clock two seconds have gone by, so that no unknown kid has to wait.
      AtomicLong clock = new AtomicLong();
      PublishedGrants grants =
          new PublishedGrants(
              new GrantKeys(file.toString(), database, () -> clock.addAndGet(2_000_000_000L)));
      assertEquals(actionId, grants.authentic(grant).actionId());
      String signedByAnother =
          GrantSigner.attacker()
              .sign(
                  GrantSigner.header().put("kid", "other"),
                  GrantSigner.claims(
                      actionId, action, Instant.now(), Instant.now().plusSeconds(60)));

      InvalidGrant refused =
          assertThrows(InvalidGrant.class, () -> grants.authentic(signedByAnother));

      assertEquals("grant-key", refused.reason());
    }
  }

  @Test
  void aKeyWhoseTimeIsOverVerifiesNoGrant() throws Exception {
    String role = "\"kid\": \"" + GrantSigner.KID + "\", \"role\": \"grant\"";
    String validFor = role + ", \"validFor\": {\"from\": \"%s\", \"until\": \"%s\"}";
    Instant now = Instant.now();
    String rotated =
        TICKET_SERVICE
            .jwks()
            .replace(role, validFor.formatted(now.minusSeconds(600), now.plusSeconds(300)));
    Path file = Files.writeString(folder.resolve("jwks.json"), rotated);
    assertEquals(
        actionId,
        new PublishedGrants(new GrantKeys(file.toString(), database)).authentic(grant).actionId());
    Files.writeString(
        file,
        TICKET_SERVICE
            .jwks()
            .replace(role, validFor.formatted(now.minusSeconds(600), now.minusSeconds(1))));
    PublishedGrants over = new PublishedGrants(new GrantKeys(file.toString(), database));

    InvalidGrant refused = assertThrows(InvalidGrant.class, () -> over.authentic(grant));

    assertEquals("grant-key", refused.reason());
  }

  @Test
  void aRestartWhileTheTicketServiceIsAwayStillVerifies() throws Exception {
    new PublishedGrants(new GrantKeys(keySet().toString(), database)).authentic(grant);

    PublishedGrants restarted = new PublishedGrants(new GrantKeys(NOWHERE, database));

    assertEquals(actionId, restarted.authentic(grant).actionId());
  }

  @Test
  void keysThatCanNotBeHadAreNoVerdict() {
    PublishedGrants grants = new PublishedGrants(new GrantKeys(NOWHERE, database));

    assertThrows(Unavailable.class, () -> grants.authentic(grant));
  }

  @Test
  void aKeyOfWhichNothingIsKnownIsNotRefusedWhileTheTicketServiceIsAway() throws Exception {
    new PublishedGrants(new GrantKeys(keySet().toString(), database)).authentic(grant);
    PublishedGrants restarted = new PublishedGrants(new GrantKeys(NOWHERE, database));
    String later =
        TICKET_SERVICE.sign(
            GrantSigner.header().put("kid", "a newer key"),
            GrantSigner.claims(actionId, action, Instant.now(), Instant.now().plusSeconds(60)));

    assertThrows(Unavailable.class, () -> restarted.authentic(later));
  }

  @Test
  void aKeyPublishedRightAfterAFetchIsFetchedAndNotRefused() throws Exception {
    AtomicLong clock = new AtomicLong();
    Path file =
        Files.writeString(
            folder.resolve("jwks.json"), TICKET_SERVICE.jwks().replace(GrantSigner.KID, "older"));
    GrantKeys keys = new GrantKeys(file.toString(), database, clock::get);
    assertTrue(keys.find("older").isPresent());
    clock.addAndGet(1_000_000_000L);
    assertTrue(keys.find("unknown").isEmpty());
    Files.writeString(file, TICKET_SERVICE.jwks());

    clock.addAndGet(1_000_000L);
    assertThrows(Unavailable.class, () -> keys.find(GrantSigner.KID));
    assertTrue(keys.find("unknown").isEmpty(), "asked for before, and not there");
    clock.addAndGet(1_000_000_000L);
    assertTrue(keys.find(GrantSigner.KID).isPresent());
  }

  @Test
  void manyUnknownKeysAreOneQuestionASecondToTheTicketService() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = TICKET_SERVICE.jwks().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    try {
      AtomicLong clock = new AtomicLong();
      GrantKeys keys =
          new GrantKeys(
              "http://127.0.0.1:" + server.getAddress().getPort() + "/", database, clock::get);
      assertTrue(keys.find(GrantSigner.KID).isPresent());
      for (int i = 0; i < 1000; i++) {
        String kid = "unknown " + i;
        clock.addAndGet(1_000);
        assertThrows(Unavailable.class, () -> keys.find(kid));
      }
      assertEquals(1, asked.get());
      clock.addAndGet(1_000_000_000L);
      for (int i = 0; i < 1000; i++) {
        assertTrue(keys.find("unknown " + i).isEmpty());
      }
      assertEquals(2, asked.get());
    } finally {
      server.stop(0);
    }
  }

  private Path keySet() throws IOException {
    return Files.writeString(folder.resolve("jwks.json"), TICKET_SERVICE.jwks());
  }
}
