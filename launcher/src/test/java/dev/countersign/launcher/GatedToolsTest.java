package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the operator reads of the tools behind the gate, of whatever a server says of them.
@SuppressWarnings("NullAway.Init") // before each
class GatedToolsTest {

  private static final String ONE = "sha256:" + "1".repeat(64);
  private static final String OTHER = "sha256:" + "2".repeat(64);

  @TempDir Path folder;
  private HttpServer policy;
  private volatile String tools = "";
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void open() throws IOException {
    policy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    policy.createContext(
        "/v1/servers",
        exchange -> {
          byte[] body =
              "{\"servers\": [{\"toolset\": \"disk\", \"server\": \"a disk\", \"tools\": [%s]}]}"
                  .formatted(tools)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    policy.start();
  }

  @AfterEach
  void close() {
    policy.stop(0);
  }

  @Test
  void ofANewToolTheLinesAreShownThatAcceptIt() throws Exception {
    tools = tool("read", "new", "", ONE, "Reads.");

    assertEquals(0, show("disk"));

    assertTrue(
        said()
            .contains(
                "      read:\n        kind: read\n        mode: require-approval\n        pin: "
                    + ONE),
        said());
  }

  @Test
  void aNameThatYamlWouldTakeForSomethingElseIsQuoted() throws Exception {
    tools = tool("yes", "new", "", ONE, "Reads.");

    show("disk");

    assertTrue(said().contains("      \"yes\":\n        kind: \"yes\"\n"), said());
  }

  @Test
  void whatCannotBeSeenOrWouldSteerTheTerminalIsShownAsItsCodePoint() throws Exception {
    tools = tool("read", "new", "", ONE, "Reads.\\u001b[2J\\u200b\\u202e all");

    show("disk");

    assertTrue(said().contains("| Reads.U+001B[2JU+200BU+202E all"), said());
    assertFalse(said().contains("\u001b"), said());
  }

  @Test
  void ofADriftedToolItIsShownWhatChangedSinceItWasLookedAt() throws Exception {
    tools = tool("read", "new", "", ONE, "Reads.");
    show("disk");
    out.reset();
    tools = tool("read", "drifted", ONE, OTHER, "Reads and sends.");

    assertEquals(1, show());

    assertTrue(said().contains("description as accepted:\n      | Reads.\n"), said());
    assertTrue(said().contains("description now:\n      | Reads and sends.\n"), said());
    assertFalse(said().contains("inputSchema now"), said());
    assertTrue(said().contains("pin: " + OTHER), said());
  }

  @Test
  void whatGetsThroughIsNothingToAccept() throws Exception {
    tools = tool("read", "in-force", ONE, ONE, "Reads.");

    assertEquals(0, show());

    assertFalse(said().contains("toolsets:"), said());
  }

  @Test
  void aToolsetThatIsNoServerIsSaidSo() {
    assertThrows(StartRefused.class, () -> show("payments"));
  }

  /// As of a cluster: nothing of it runs on this machine.
  @Test
  void whatRunsElsewhereIsAskedThere() throws Exception {
    tools = tool("read", "in-force", ONE, ONE, "Reads.");

    assertEquals(0, showOf(GatedToolsTest::nowhere, "disk", "--at", address().toString()));

    assertTrue(said().contains("in-force          read"), said());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:8081", "ftp://localhost", "http:///v1", "http://a/policy", "no"})
  void whatIsNoAddressIsSaidSo(String address) {
    StartRefused refused =
        assertThrows(StartRefused.class, () -> showOf(GatedToolsTest::nowhere, "--at", address));
    assertTrue(String.valueOf(refused.getMessage()).contains("no address"), refused.toString());
  }

  private static URI nowhere() {
    throw new StartRefused("policy does not run");
  }

  private URI address() {
    return URI.create("http://127.0.0.1:" + policy.getAddress().getPort());
  }

  private int show(String... options) throws InterruptedException {
    return showOf(this::address, options);
  }

  private int showOf(Supplier<URI> local, String... options) throws InterruptedException {
    return new GatedTools(
            new JsonDoor("the policy service", local, null),
            new LookedAt(folder.resolve("tools")),
            new PrintStream(out, true, StandardCharsets.UTF_8))
        .show(List.of(options));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String tool(
      String name, String state, String accepted, String pin, String description) {
    return """
    {"name": "%s", "state": "%s", "mode": "auto", %s "pin": "%s", "description": "%s",
     "inputSchema": {"type": "object"}, "annotations": {}}
    """
        .formatted(
            name,
            state,
            accepted.isEmpty() ? "" : "\"kind\": \"a tool\", \"accepted\": \"" + accepted + "\",",
            pin,
            description);
  }
}
