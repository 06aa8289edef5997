package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.UrlTemplate;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Access tokens by client credentials; with a provider that nobody here wrote in {@link
/// dev.countersign.executor.McpConnectorTest}.
class AccessTokensTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @Test
  void howeverManyWantItATokenIsFetchedOnceUntilShortlyBeforeItsEnd() throws Exception {
    try (RawServer server =
            answering("{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":600}");
        Gate gate = gate()) {
      AccessTokens tokens = new AccessTokens(gate.vertx, gate.http, gate.credentials);
      Credential.ClientCredentials credential = credential(server);
      List<Future<String>> asked = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        asked.add(tokens.find(credential, reach(credential)));
      }
      for (Future<String> each : asked) {
        assertEquals("t", Gate.await(each));
      }
      assertEquals(1, server.requests());

      tokens.drop(credential, "another");
      Gate.await(tokens.find(credential, reach(credential)));
      assertEquals(1, server.requests());

      tokens.drop(credential, "t");
      Gate.await(tokens.find(credential, reach(credential)));
      assertEquals(2, server.requests());
    }
  }

  @Test
  void aTokenWhoseTimeIsOverIsFetchedAnew() throws Exception {
    try (RawServer server =
            answering("{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":0}");
        Gate gate = gate()) {
      AccessTokens tokens = new AccessTokens(gate.vertx, gate.http, gate.credentials);
      Credential.ClientCredentials credential = credential(server);
      Gate.await(tokens.find(credential, reach(credential)));
      Gate.await(tokens.find(credential, reach(credential)));
      assertEquals(2, server.requests());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngarbage",
        "HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n{\"access_token\": \"t\", \"token_type\": \"DPoP\"}",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"access_token\": \"t\\r\\nX: 1\", \"token_type\":\"bearer\"}",
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\0\0\0{\u007f\u007f\u007f\u007f",
        "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Elsewhere\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n",
      })
  void whereNoTokenIsGivenNothingIsSentAndItIsAskedForAgain(String answer) throws Exception {
    try (RawServer server =
            RawServer.on((out, _) -> {
              out.write(answer.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
              out.write(new byte[answer.contains("900000") ? 100_000 : 0]);
            });
        Gate gate = gate()) {
      AccessTokens tokens = new AccessTokens(gate.vertx, gate.http, gate.credentials);
      Credential.ClientCredentials credential = credential(server);
      for (int i = 1; i <= 2; i++) {
        ExecutionException failed =
            assertThrows(
                ExecutionException.class,
                () -> Gate.await(tokens.find(credential, reach(credential))));
        Unsent unsent = assertInstanceOf(Unsent.class, failed.getCause());
        assertEquals(
            "not token-refused", new Gate.Came(new Exchanged.Not(unsent.outcome()), "").code());
        assertEquals(i, server.requests());
      }
    }
  }

  @Test
  void theTokenEndpointIsAmongTheHostsAndNoParameterLeadsThere() {
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          Credential.ClientCredentials elsewhere = credential("http://other.example/token");
          Gate.reach(elsewhere, "localhost");
        });
    assertThrows(
        IllegalArgumentException.class,
        () -> credential("http://localhost/${params.tenant}/token"));
  }

  private static RawServer answering(String json) throws Exception {
    return RawServer.saying(
        "HTTP/1.1 200 OK\r\nContent-Length: " + json.length() + "\r\n\r\n" + json);
  }

  private Gate gate() throws Exception {
    Files.writeString(folder.resolve("secret"), "s");
    return Gate.of(folder);
  }

  private static Reach reach(Credential credential) {
    return Gate.reach(credential, "localhost");
  }

  private static Credential.ClientCredentials credential(RawServer server) {
    return credential(server.url() + "token");
  }

  private static Credential.ClientCredentials credential(String url) {
    return new Credential.ClientCredentials(
        UrlTemplate.of(url), "client", new Credential.Source.File("secret"), null, null);
  }
}
