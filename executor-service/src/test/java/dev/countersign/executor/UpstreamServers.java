package dev.countersign.executor;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An MCP server and an authorization server that nobody here wrote, as a process of their own; see
/// `src/test/mcp-server`. Without Node.js a developer has none, and a run of CI fails.
final class UpstreamServers {

  static final String CLIENT_SECRET = "a secret / of the tests + 32 characters";
  private static final Path FOLDER = Path.of("src/test/mcp-server");

  private final Process process;
  private final int mcp;
  private final int authorization;

  private UpstreamServers(Process process, int mcp, int authorization) {
    this.process = process;
    this.mcp = mcp;
    this.authorization = authorization;
  }

  static Optional<UpstreamServers> start() throws IOException {
    if (!runs("node", "--version") || !runs("npm", "--version")) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError("Node.js or npm is missing");
      }
      return Optional.empty();
    }
    if (!Files.exists(FOLDER.resolve("node_modules/.package-lock.json"))
        && !runs("npm", "ci", "--no-audit", "--no-fund")) {
      throw new AssertionError("npm ci failed in " + FOLDER);
    }
    Process started = start("node", "server.mjs");
    BufferedReader output = started.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    if (line == null) {
      throw new AssertionError("the servers did not start");
    }
    String[] ports = line.split(" ", -1);
    return Optional.of(
        new UpstreamServers(started, Integer.parseInt(ports[0]), Integer.parseInt(ports[1])));
  }

  private static boolean runs(String... command) {
    try {
      Process process = start(command);
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      // There is no such program here.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(List.of(command))
        .directory(FOLDER.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  String address() {
    return "http://127.0.0.1:" + mcp;
  }

  /// @param target a server that speaks no MCP
  String connectors(int target) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(connector("refund", mcp, "/mcp", ""));
    yaml.append(connector("refund-plain", mcp, "/json", "    tool: refund\n"));
    yaml.append(connector("told", mcp, "/mcp", "    tool: refund\n    response: agent\n"));
    yaml.append(connector("broken", mcp, "/mcp", "    arguments: {}\n"));
    yaml.append(
        connector(
            "vouched",
            mcp,
            "/mcp",
            "    tool: broken\n    arguments: {}\n    outcomes: {error: failed}\n"));
    yaml.append(connector("not-there", mcp, "/mcp", ""));
    yaml.append(connector("never", mcp, "/mcp", "    tool: slow\n    timeout: PT3S\n"));
    // Made of a parameter, so that each action opens a session of its own.
    yaml.append(
        connector(
            "held", mcp, "/held?for=${params.customer}", "    tool: refund\n    timeout: PT1M\n"));
    yaml.append(
        connector(
            "watched",
            mcp,
            "/held",
            """
                tool: refund
                timeout: PT1M
                credential: {file: target, as: bearer}
                preconditions:
                  - label: Rows
                    url: http://localhost:%d/resources/${params.customer}
                    pointer: /rows
            """
                .formatted(target)));
    yaml.append(connector("no-mcp", target, "/ok", ""));
    yaml.append(connector("inside", mcp, "/mcp", "").replace("allowPrivate: true", ""));
    // Made of a parameter: a session that is opened ahead would find out first that a token is
    // revoked.
    yaml.append(
        connector(
            "oauth",
            mcp,
            "/guarded?for=${params.customer}",
            "    tool: refund\n" + oauth("client")));
    yaml.append(connector("oauth-wrong", mcp, "/guarded", oauth("target")));
    yaml.append(connector("oauth-none", mcp, "/guarded", oauth("not-there")));
    return yaml.toString();
  }

  private static String connector(String tool, int port, String path, String more) {
    return """
      mcp/%s:
        type: mcp
        url: http://localhost:%d%s
        hosts: [localhost, 127.0.0.1]
        allowPrivate: true
    """
            .formatted(tool, port, path)
        + more;
  }

  private String oauth(String secret) {
    return """
        credential:
          oauth:
            url: http://127.0.0.1:%d/token
            client: executor:1
            secret: {file: %s}
            scope: payments:write
    """
        .formatted(authorization, secret);
  }

  void close() {
    process.destroy();
  }
}
