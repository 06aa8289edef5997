package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.Tls;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// TLS with certificates on both sides (RFC 8446 §4.4.2).
class BothSidesAreKnownTest {

  private static final String PASSWORD = "a-password";
  private static final Credential.Source PASSWORD_FILE = new Credential.Source.File("password");

  // Shared by all, for keytool takes its time.
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  static Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Gate gate;

  @BeforeAll
  static void makeCertificates() throws Exception {
    Files.writeString(folder.resolve("password"), PASSWORD + "\n");
    for (String name : List.of("server", "elsewhere", "client", "renewed")) {
      make(name, name.equals("elsewhere") ? "elsewhere.example" : "localhost");
    }
  }

  @BeforeEach
  void open() {
    gate = Gate.of(folder);
  }

  @AfterEach
  void close() {
    gate.close();
  }

  @Test
  void theTargetSeesOurCertificateWhicheverWayItIsKept() throws Exception {
    HttpServer server = server("server");

    assertEquals("CN=client", get(server, pkcs12("client.p12"), "server.pem").body());
    assertEquals(
        "CN=client",
        get(server, new Tls.Identity.Pem("client.pem", "client.key"), "server.pem").body());
  }

  @Test
  void aCertificateThatWasReplacedIsUsedFromTheNextRequestOn() throws Exception {
    HttpServer server = server("server");
    Files.copy(folder.resolve("client.p12"), folder.resolve("ours.p12"));
    assertEquals("CN=client", get(server, pkcs12("ours.p12"), "server.pem").body());

    Files.copy(
        folder.resolve("renewed.p12"),
        folder.resolve("ours.p12"),
        StandardCopyOption.REPLACE_EXISTING);

    assertEquals("CN=renewed", get(server, pkcs12("ours.p12"), "server.pem").body());
  }

  @Test
  void whatNoConnectorNamesAnyMoreIsLetGo() throws Exception {
    HttpClients clients = new HttpClients(gate.vertx, gate.credentials);
    Tls tls = new Tls(pkcs12("client.p12"), "server.pem");
    var first = clients.of(tls);

    clients.keepOnly(Set.of(tls));
    assertSame(first, clients.of(tls));

    clients.keepOnly(Set.of());
    assertNotSame(first, clients.of(tls));
  }

  @Test
  void nothingIsSentToATargetThatCannotProveItsName() throws Exception {
    HttpServer server = server("server");
    HttpServer elsewhere = server("elsewhere");

    // Not signed by whom we trust, by the platform or by another.
    assertEquals("not unreachable", get(server, pkcs12("client.p12"), null).code());
    assertEquals("not unreachable", get(server, pkcs12("client.p12"), "client.pem").code());
    // Trusted, and for another name.
    assertEquals("not unreachable", get(elsewhere, pkcs12("client.p12"), "elsewhere.pem").code());
  }

  @Test
  void withoutACertificateTheTargetAnswersNothing() throws Exception {
    String code = get(server("server"), null, "server.pem").code();

    // In TLS 1.3 the server says no after we may have sent.
    assertTrue(code.startsWith("broken ") || code.startsWith("not "), code);
  }

  @Test
  void whereTheCertificateIsNotThereNothingIsSent() throws Exception {
    HttpServer server = server("server");

    assertEquals(
        "not credential-missing", get(server, pkcs12("not-there.p12"), "server.pem").code());
    assertEquals(
        "not credential-missing", get(server, pkcs12("client.p12"), "not-there.pem").code());
    assertEquals(
        "not credential-missing",
        get(
                server,
                new Tls.Identity.Pkcs12("client.p12", new Credential.Source.File("not-there")),
                "server.pem")
            .code());
  }

  private static Tls.Identity pkcs12(String file) {
    return new Tls.Identity.Pkcs12(file, PASSWORD_FILE);
  }

  private Gate.Came get(HttpServer server, Tls.@Nullable Identity identity, @Nullable String trust)
      throws Exception {
    Tls tls = new Tls(identity, trust);
    return gate.get(
        "https://localhost:" + server.actualPort() + "/", Gate.reach(true, tls, "localhost"));
  }

  /// Answers with the name on the certificate of whoever asks.
  private HttpServer server(String name) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setClientAuth(ClientAuth.REQUIRED)
            .setKeyCertOptions(
                new PfxOptions()
                    .setPath(folder.resolve(name + ".p12").toString())
                    .setPassword(PASSWORD))
            .setTrustOptions(
                new PemTrustOptions()
                    .addCertPath(folder.resolve("client.pem").toString())
                    .addCertPath(folder.resolve("renewed.pem").toString()));
    return Gate.await(
        gate.vertx
            .createHttpServer(options)
            .requestHandler(request -> {
              try {
                X509Certificate peer =
                    (X509Certificate) request.connection().peerCertificates().getFirst();
                var _ = request.response().end(peer.getSubjectX500Principal().getName());
              } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
                var _ = request.response().setStatusCode(500).end();
              }
            })
            .listen(0, "127.0.0.1"));
  }

  /// A key with a certificate that it signed itself: NAME.p12, NAME.pem and NAME.key.
  private static void make(String name, String host) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:" + host,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Files.writeString(
        folder.resolve(name + ".pem"), pem("CERTIFICATE", keys.getCertificate("key").getEncoded()));
    Files.writeString(
        folder.resolve(name + ".key"),
        pem("PRIVATE KEY", keys.getKey("key", PASSWORD.toCharArray()).getEncoded()));
  }

  private static String pem(String what, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
  }
}
