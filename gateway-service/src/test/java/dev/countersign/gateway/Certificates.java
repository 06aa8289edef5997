package dev.countersign.gateway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// A server's key and agents' keys with certificates that they signed themselves, of which the
/// gateway trusts all but one that has another's name.
@NullMarked
public final class Certificates implements QuarkusTestResourceLifecycleManager {

  private static final String PASSWORD = "a-password-of-the-tests";

  private @Nullable Path folder;

  /// Where they are.
  public record Folder(Path path) {

    /// What this one's owner connects with, who trusts the gateway; "" has no certificate.
    public SSLContext client(String name) throws GeneralSecurityException, IOException {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("gateway", store("gateway").getCertificate("key"));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(name.isEmpty() ? new KeyManager[0] : keys(name), trust.getTrustManagers(), null);
      return context;
    }

    /// The certificate of this one.
    public X509Certificate certificate(String name) throws GeneralSecurityException, IOException {
      return (X509Certificate) store(name).getCertificate("key");
    }

    private KeyManager[] keys(String name) throws GeneralSecurityException, IOException {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store(name), PASSWORD.toCharArray());
      return keys.getKeyManagers();
    }

    private KeyStore store(String name) throws GeneralSecurityException, IOException {
      return KeyStore.getInstance(path.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
    }
  }

  @Override
  public Map<String, String> start() {
    try {
      Path made = Files.createTempDirectory("countersign-certificates-");
      folder = made;
      make(made, "gateway", "localhost", "dns:localhost,ip:127.0.0.1");
      make(made, "billing-bot", "billing-bot", "dns:billing-bot.agents.example");
      make(
          made,
          "payroll-bot",
          "payroll-bot",
          "dns:payroll-bot.agents.example,uri:spiffe://acme/one,uri:spiffe://acme/two");
      make(made, "forged", "billing-bot", "dns:billing-bot.agents.example");
      return Map.of(
          "countersign.tls.certificate",
          made.resolve("gateway.pem").toString(),
          "countersign.tls.key",
          made.resolve("gateway.key").toString(),
          "countersign.agents.ca",
          made.resolve("billing-bot.pem") + "," + made.resolve("payroll-bot.pem"));
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("no certificates could be made", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /// NAME.p12, NAME.pem and NAME.key.
  private static void make(Path folder, String name, String commonName, String alternatives)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "key",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=" + commonName,
                    "-ext",
                    "SAN=" + alternatives,
                    "-validity",
                    "2",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    PASSWORD))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new AssertionError(said);
    }
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

  @Override
  public void inject(TestInjector injector) {
    Path made = folder;
    if (made != null) {
      injector.injectIntoFields(new Folder(made), new TestInjector.MatchesType(Folder.class));
    }
  }

  @Override
  public void stop() {
    if (folder == null) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
