package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.gateway.Certificates;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// An agent that proves who it is by a client certificate.
@NullMarked
@QuarkusTest
@TestProfile(ClientCertificatesTest.Mutual.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Certificates.class, scope = TestResourceScope.MATCHING_RESOURCES)
class ClientCertificatesTest {

  /// TLS on a port of its own, as an operator sets it up.
  public static final class Mutual implements QuarkusTestProfile {
    @Override
    public String getConfigProfile() {
      return "mtls";
    }

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "countersign.agents.required",
          "true",
          "countersign.operator.secret",
          Door.OPERATOR,
          "quarkus.http.test-ssl-port",
          "0");
    }
  }

  @TestHTTPResource(value = "/", tls = true)
  URI base = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Certificates.Folder certificates;

  private Door door(String name) throws Exception {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(certificates.client(name))
            .build();
    return new Door(http, base, null);
  }

  @Test
  void theCertificateNamesTheAgentAndItIsNobodyElse() throws Exception {
    Door billing = door("billing-bot");
    Door payroll = door("payroll-bot");
    Samples sample = Samples.fresh();
    Door.Answer proposed = billing.post("/v1/actions", sample.json());
    assertEquals(202, proposed.status(), proposed::toString);
    String path = "/v1/actions/" + sample.actionId();
    assertEquals(200, billing.get(path).status());
    Door.Answer spoofed = payroll.post("/v1/actions", Samples.fresh().json());
    assertEquals(403, spoofed.status(), spoofed::toString);
    assertEquals("not-your-agent", spoofed.problem());
    assertEquals(404, payroll.get(path).status());
    assertEquals(404, payroll.get(path + "/events").status());
    assertEquals(404, payroll.post(path + "/cancel", "{}").status());
  }

  @Test
  void withoutACertificateSomethingElseIsNeeded() throws Exception {
    Door nobody = door("");
    assertEquals(401, nobody.get("/v1/actions").status());
    String key = nobody.key("{\"agent\": \"billing-bot\"}").path("key").textValue();
    assertEquals(200, nobody.as(key).get("/v1/actions").status());
    // A header that a proxy would set is no certificate.
    assertEquals(
        401,
        nobody
            .get("/v1/actions", "X-Forwarded-Client-Cert", "Subject=\"CN=billing-bot\"")
            .status());
  }

  @Test
  void aCertificateAndAKeyOfTwoAgentsAreNobodys() throws Exception {
    String key = door("").key("{\"agent\": \"payroll-bot\"}").path("key").textValue();
    Door.Answer both = door("billing-bot").as(key).get("/v1/actions");
    assertEquals(401, both.status(), both::toString);
    assertTrue(both.text("/detail").contains("two agents"), both::toString);
    String own = door("").key("{\"agent\": \"billing-bot\"}").path("key").textValue();
    assertEquals(200, door("billing-bot").as(own).get("/v1/actions").status());
  }

  @Test
  void theOperatorSaysWhichNameCountsAndThereMustBeOneOfIt() throws Exception {
    X509Certificate certificate = certificates.certificate("payroll-bot");
    assertEquals("payroll-bot", ClientCertificates.name(certificate, ClientCertificates.Naming.CN));
    assertEquals(
        "payroll-bot.agents.example",
        ClientCertificates.name(certificate, ClientCertificates.Naming.DNS));
    // It has two of them.
    IllegalArgumentException several =
        assertThrows(
            IllegalArgumentException.class,
            () -> ClientCertificates.name(certificate, ClientCertificates.Naming.URI));
    assertTrue(String.valueOf(several.getMessage()).contains("more than one"), several::toString);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            ClientCertificates.name(
                certificates.certificate("billing-bot"), ClientCertificates.Naming.URI));
  }

  @Test
  void aCertificateThatNobodyTrustsGetsNowhere() throws Exception {
    Door forged = door("forged");
    assertThrows(IOException.class, () -> forged.get("/v1/actions"));
  }
}
