package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void withoutSettingsThePortsAreTheContracts() {
    Ports ports = Ports.of(Map.of());
    assertEquals(8080, ports.of("gateway"));
    assertEquals(8085, ports.of("audit"));
    assertEquals(8086, ports.of("witness"));
    assertEquals(9092, ports.of("kafka"));
    assertEquals(5433, ports.of("postgres"));
    assertEquals(1025, ports.of("smtp"));
  }

  @Test
  void everyTakenPortIsNamedWithItsVariable() throws Exception {
    try (var first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> environment = new HashMap<>(Ports.shifted());
      environment.put("COUNTERSIGN_PORT_GATEWAY", Integer.toString(first.getLocalPort()));
      environment.put("COUNTERSIGN_PORT_KAFKA", Integer.toString(second.getLocalPort()));
      StartRefused refused =
          assertThrows(StartRefused.class, () -> Ports.of(environment).requireFree());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("COUNTERSIGN_PORT_GATEWAY"), message);
      assertTrue(message.contains(Integer.toString(first.getLocalPort())), message);
      assertTrue(message.contains("COUNTERSIGN_PORT_KAFKA"), message);
      assertFalse(message.contains("COUNTERSIGN_PORT_POLICY"), message);
    }
  }

  @Test
  void whatOneProcessWasGivenNoOtherIs() throws Exception {
    int given = FreePorts.one();
    // It is free for its server, and for nobody's claim.
    assertTrue(FreePorts.isFree(given));
    assertThrows(
        BindException.class,
        () -> new DatagramSocket(given, InetAddress.getLoopbackAddress()).close());
  }

  @Test
  void twoServersOnOnePortAreRefusedByName() {
    StartRefused refused =
        assertThrows(
            StartRefused.class, () -> Ports.of(Map.of("COUNTERSIGN_PORT_GATEWAY", "8081")));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("COUNTERSIGN_PORT_GATEWAY"), message);
    assertTrue(message.contains("COUNTERSIGN_PORT_POLICY"), message);
  }

  @Test
  void whatIsNotAPortIsRefusedWithWhatToDo() {
    for (String wrong : new String[] {"abc", "0", "65536", "-1"}) {
      StartRefused refused =
          assertThrows(
              StartRefused.class, () -> Ports.of(Map.of("COUNTERSIGN_PORT_TICKET", wrong)));
      assertTrue(String.valueOf(refused.getMessage()).contains("COUNTERSIGN_PORT_TICKET"));
    }
  }
}
