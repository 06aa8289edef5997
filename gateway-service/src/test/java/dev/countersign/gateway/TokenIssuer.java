package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.testbrowser.Programs;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// An authorization server that nobody here wrote, as a process of its own; see
/// `src/test/token-issuer`. Without Node.js there is none, and the gateway trusts an issuer that
/// nobody can reach.
@NullMarked
public final class TokenIssuer implements QuarkusTestResourceLifecycleManager {

  public static final String AUDIENCE = "urn:countersign:gateway";
  private static final Path FOLDER = Path.of("src/test/token-issuer");
  private static final String NOBODY = "http://127.0.0.1:1";

  private @Nullable Process process;
  private Tokens tokens = new Tokens(NOBODY);

  /// Where tokens are had.
  ///
  /// @param issuer its address
  public record Tokens(String issuer) {

    /// Where there is no issuer, a developer's test is skipped; a run of CI fails.
    public void need() {
      if (issuer.equals(NOBODY)) {
        if ("true".equals(System.getenv("CI"))) {
          throw new AssertionError("Node.js is missing");
        }
        Assumptions.abort("needs Node.js");
      }
    }

    public String jwks() {
      return issuer + "/jwks";
    }

    /// The access token of this agent for this resource.
    public String token(String agent, String resource) throws Exception {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(issuer + "/token"))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(
                  BodyPublishers.ofString(
                      "grant_type=client_credentials&client_id="
                          + agent
                          + "&client_secret=a-secret-of-the-tests-of-32-chars-or-more&resource="
                          + resource))
              .build();
      try (HttpClient http = HttpClient.newHttpClient()) {
        JsonNode answer = EventJson.readTree(http.send(request, BodyHandlers.ofByteArray()).body());
        if (!answer.hasNonNull("access_token")) {
          throw new AssertionError("no token: " + answer);
        }
        return answer.get("access_token").textValue();
      }
    }
  }

  @Override
  public Map<String, String> start() {
    if (Programs.find("node").isPresent() && Programs.find("npm").isPresent()) {
      tokens = new Tokens(issuer());
    }
    return Map.of(
        "countersign.agents.issuer",
        tokens.issuer(),
        "countersign.agents.jwks",
        tokens.jwks(),
        "countersign.agents.audience",
        AUDIENCE,
        "countersign.agents.toolsets-claim",
        "toolsets");
  }

  private String issuer() {
    try {
      Programs.needPackages(FOLDER);
      Process started = begin("node", "issuer.mjs");
      process = started;
      BufferedReader output = started.inputReader(StandardCharsets.UTF_8);
      String line = output.readLine();
      if (line == null) {
        throw new AssertionError("the issuer did not start");
      }
      return line;
    } catch (IOException e) {
      throw new AssertionError("the issuer did not start", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static Process begin(String... command) throws IOException {
    return new ProcessBuilder(List.of(command))
        .directory(FOLDER.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(tokens, new TestInjector.MatchesType(Tokens.class));
  }

  @Override
  public void stop() {
    if (process != null) {
      process.destroy();
    }
  }
}
