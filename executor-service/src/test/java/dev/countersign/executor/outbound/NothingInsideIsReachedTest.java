package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.events.Reason;
import dev.countersign.executor.domain.HttpCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No connector is tricked into reaching inside, whatever its target's name stands for and whatever
/// its target says.
class NothingInsideIsReachedTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "10.0.0.1",
        "0.0.0.0",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::7f00:1",
        "fd00:ec2::254",
        "fe80::1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
      })
  void aNameThatStandsForAnAddressInsideIsNotConnectedTo(String address) throws Exception {
    try (Gate gate = new Gate(folder, _ -> addresses(address))) {
      assertEquals(
          "not address-not-allowed",
          gate.get("http://target.example/", Gate.reach(false, null, "target.example")).code());
      // Nor where it stands for something outside too, in either order.
    }
    try (Gate gate = new Gate(folder, _ -> addresses("93.184.215.14", address))) {
      assertEquals(
          "not address-not-allowed",
          gate.get("http://target.example/", Gate.reach(false, null, "target.example")).code());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "localhost",
      })
  void anAddressInsideIsNoHost(String host) throws Exception {
    try (Gate gate = Gate.of(folder)) {
      assertEquals(
          "not address-not-allowed",
          gate.get("http://" + host + "/", Gate.reach(false, null, host)).code());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.16689662",
        "127.1",
        "0",
        "127.0.0.1.",
        "user@169.254.169.254",
      })
  void anAddressInAnotherSpellingIsNotTakenFromTheFile(String host) {
    try (Gate gate = Gate.of(folder)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> gate.get("http://" + host + "/", Gate.reach(true, null, host)));
    }
  }

  @Test
  void theAddressThatWasLookedAtIsTheOneThatIsConnectedTo() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (RawServer first =
            new RawServer(InetAddress.ofLiteral("127.0.0.2"), 0, (out, _) -> say(out, "one!"));
        RawServer second =
            new RawServer(
                InetAddress.ofLiteral("127.0.0.1"), first.port(), (out, _) -> say(out, "two!"));
        // A name that stands for something else each time it is looked up.
        Gate gate =
            new Gate(
                folder,
                _ ->
                    asked.incrementAndGet() % 2 == 1
                        ? addresses("127.0.0.2")
                        : addresses("127.0.0.1"))) {
      Gate.Came came =
          gate.get(
              "http://rebinding.example:" + first.port() + "/",
              Gate.reach(true, null, "rebinding.example"));

      assertEquals("answered 200", came.code());
      assertEquals("one!", came.body());
      assertEquals(1, asked.get());
      assertEquals(0, second.requests());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void noRedirectIsFollowed(int code) throws Exception {
    try (RawServer elsewhere = RawServer.saying(OK + "no!!");
        RawServer target =
            RawServer.saying(
                "HTTP/1.1 "
                    + code
                    + " Elsewhere\r\nLocation: "
                    + elsewhere.url()
                    + "\r\nContent-Length: 0\r\n\r\n");
        Gate gate = Gate.of(folder)) {
      assertEquals(
          "answered " + code, gate.get(target.url(), Gate.reach(true, null, "localhost")).code());
      assertEquals(1, target.requests());
      assertEquals(0, elsewhere.requests());
    }
  }

  @Test
  void aHostThatIsNotOnTheListIsNoConnectors() {
    try (Gate gate = Gate.of(folder)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> gate.get("http://other.example/", Gate.reach(true, null, "target.example")));
    }
  }

  /// Whatever made the request.
  @Test
  void aRequestToAHostThatIsNotOnTheListIsNotSent() {
    HttpCall call = new HttpCall("GET", false, "other.example", 80, "/", Map.of(), null);
    try (Gate gate =
        new Gate(folder, host -> new InetAddress[] {InetAddress.getLoopbackAddress()})) {
      Unsent unsent =
          assertThrows(
              Unsent.class,
              () -> gate.http.prepare(call, Gate.reach(true, null, "target.example")));
      Reason why = Objects.requireNonNull(unsent.outcome().reason());
      assertEquals("host-not-allowed", why.code());
    }
  }

  @Test
  void aNameWithoutAnAddressIsToldSo() throws Exception {
    try (Gate gate =
        new Gate(
            folder,
            host -> {
              throw new UnknownHostException(host);
            })) {
      assertEquals(
          "not host-unknown",
          gate.get("http://target.example/", Gate.reach(false, null, "target.example")).code());
    }
  }

  private static void say(java.io.OutputStream out, String four) throws IOException {
    out.write((OK + four).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private static InetAddress[] addresses(String... literals) {
    InetAddress[] addresses = new InetAddress[literals.length];
    for (int i = 0; i < literals.length; i++) {
      addresses[i] = InetAddress.ofLiteral(literals[i]);
    }
    return addresses;
  }
}
