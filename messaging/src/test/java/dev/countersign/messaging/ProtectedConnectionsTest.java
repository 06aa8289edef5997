package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.launcher.DatabaseRoles;
import dev.countersign.launcher.EmbeddedPostgres;
import dev.countersign.launcher.FreePorts;
import dev.countersign.testservers.Servers;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A database that proves who it is, over each of the ways that lead there: the pool, the elected
/// tasks, and the log's migrations, which come by the URL alone.
@SuppressWarnings("NullAway.Init") // before all
class ProtectedConnectionsTest {

  private static final String PROTECTED =
      "select cast(ssl as text) from pg_stat_ssl where pid = pg_backend_pid()";
  private static final String STORE_PASSWORD = "changeit";

  @TempDir static Path folder;

  private static EmbeddedPostgres postgres;
  private static Path ca;
  private static Path another;
  private static Vertx vertx;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    // Its certificate is for the address, and for no name.
    KeyStore.PrivateKeyEntry server = made("server");
    ca = pem("ca.crt", server);
    another = pem("another.crt", made("another"));
    int port = FreePorts.one();
    postgres =
        new EmbeddedPostgres(
            folder.resolve("postgres"), port, EmbeddedPostgres.Durability.PROCESS, _ -> {});
    postgres.start();
    postgres.createRoles(
        DatabaseRoles.LOGINS.stream()
            .collect(Collectors.toMap(role -> role, _ -> Servers.PASSWORD)));
    try (Connection superuser =
            DriverManager.getConnection(
                "jdbc:postgresql://" + postgres.server() + "/postgres",
                "postgres",
                Files.readString(folder.resolve("postgres/superuser.password")).strip());
        Statement statement = superuser.createStatement()) {
      // The files are the server's user's, and only that user may read the key.
      write(statement, "server.crt", Files.readString(ca));
      write(statement, "server.key", pem("PRIVATE KEY", server.getPrivateKey().getEncoded()));
      statement.execute("alter system set ssl = on");
    }
    postgres.stop();
    postgres.start();
  }

  private static void write(Statement statement, String name, String text) throws SQLException {
    statement.execute(
        "copy (select unnest(string_to_array('%s', E'\\n'))) to program 'umask 077; cat > %s'"
            .formatted(text.strip(), name));
  }

  @AfterAll
  static void stop() {
    postgres.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void whoeverVerifiesTheServerIsProtectedOverEachWay() throws Exception {
    for (String mode : List.of("require", "verify-ca", "verify-full")) {
      SmallRyeConfig config = config(postgres.address(), mode, ca);
      assertEquals("true", byPool(config));
      assertEquals("true", byUrl(config));
      CompletableFuture<String> elected = new CompletableFuture<>();
      var elections =
          new Elections(
              config.getValue("quarkus.datasource.jdbc.url", String.class),
              "gateway",
              Servers.PASSWORD,
              config.getValue("countersign.db.options", String.class),
              Duration.ofMinutes(2));
      try (Elected _ =
          elections.start(
              "protected",
              null,
              Duration.ofMinutes(1),
              connection -> {
                elected.complete(one(connection));
                return false;
              })) {
        assertEquals("true", elected.get(60, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void aServerOfAnotherAuthorityOrNameIsNotSpokenTo() throws Exception {
    assertNobodyThere(config(postgres.address(), "verify-full", another));
    assertNobodyThere(config(postgres.address(), "verify-full", folder.resolve("missing.crt")));
    String byName = postgres.address().replace("127.0.0.1", "localhost");
    assertNobodyThere(config(byName, "verify-full", ca));
    assertEquals("true", byPool(config(byName, "verify-ca", ca)));
    assertEquals("true", byUrl(config(byName, "verify-ca", ca)));
  }

  @Test
  void whereNothingIsSaidItIsAsItWas() throws Exception {
    SmallRyeConfig config = config(postgres.address(), null, folder.resolve("missing.crt"));
    assertEquals("false", byPool(config));
    assertEquals("true", byUrl(config));
  }

  private static void assertNobodyThere(SmallRyeConfig config) {
    assertThrows(CompletionException.class, () -> byPool(config));
    assertThrows(SQLException.class, () -> byUrl(config));
  }

  /// What a service is told, by the file that all of them have.
  private static SmallRyeConfig config(String database, @Nullable String mode, Path ca)
      throws IOException {
    Map<String, String> told = new HashMap<>();
    told.put("countersign.db", database);
    told.put("countersign.db.ca", ca.toString());
    told.put("countersign.role", "gateway");
    if (mode != null) {
      told.put("countersign.db.sslmode", mode);
    }
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .withSources(
            new PropertiesConfigSource(
                Path.of("src/main/resources/META-INF/microprofile-config.properties")
                    .toUri()
                    .toURL(),
                100),
            new PropertiesConfigSource(told, "told", 200))
        .build();
  }

  /// JDBC would take `?sslmode=` behind them for a part of the last one's value.
  @Test
  void whereTheDatabaseIsHasNoParametersOfItsOwn() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new ReactivePool(
                "localhost:5433/countersign?application_name=x",
                Duration.ofMinutes(2),
                Optional.of("verify-full"),
                "ca.crt"));
  }

  private static String byPool(SmallRyeConfig config) {
    String database = config.getValue("quarkus.datasource.reactive.url", String.class);
    Pool pool =
        new ReactivePool(
                config.getValue("countersign.db", String.class),
                Duration.ofMinutes(2),
                config.getOptionalValue("countersign.db.sslmode", String.class),
                config.getValue("countersign.db.ca", String.class))
            .create(
                new OnePlace(
                    vertx,
                    PgConnectOptions.fromUri(database)
                        .setUser("gateway")
                        .setPassword(Servers.PASSWORD)));
    try {
      return pool.query(PROTECTED)
          .execute()
          .map(rows -> rows.iterator().next().getString(0))
          .toCompletionStage()
          .toCompletableFuture()
          .join();
    } finally {
      pool.close();
    }
  }

  private static String byUrl(SmallRyeConfig config) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            config.getValue("quarkus.datasource.jdbc.url", String.class),
            "gateway",
            Servers.PASSWORD)) {
      return one(connection);
    }
  }

  private static String one(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(PROTECTED)) {
      row.next();
      return row.getString(1);
    }
  }

  private static KeyStore.PrivateKeyEntry made(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                STORE_PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    assertEquals(0, keytool.waitFor(), name);
    KeyStore keys = KeyStore.getInstance(store.toFile(), STORE_PASSWORD.toCharArray());
    return (KeyStore.PrivateKeyEntry)
        keys.getEntry(name, new KeyStore.PasswordProtection(STORE_PASSWORD.toCharArray()));
  }

  private static Path pem(String file, KeyStore.PrivateKeyEntry entry) throws Exception {
    return Files.writeString(
        folder.resolve(file), pem("CERTIFICATE", entry.getCertificate().getEncoded()));
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), what);
  }
}
