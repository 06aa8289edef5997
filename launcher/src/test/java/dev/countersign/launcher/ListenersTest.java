package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {

  @TempDir Path folder;

  @Test
  void whoComesThroughTheProxyIsToldTheProxysPort() throws Exception {
    int direct = FreePorts.one();
    int bound = FreePorts.one();
    try (var proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> forward(proxy, bound));
      var listeners = new Listeners(direct, new Listeners.Proxied(bound, proxy.getLocalPort()));
      try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), listeners)) {
        assertEquals(direct, toldPort(kafka.bootstrapServers()));
        assertEquals(proxy.getLocalPort(), toldPort("127.0.0.1:" + proxy.getLocalPort()));
      }
    }
  }

  private static int toldPort(String bootstrapServers) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      return admin.describeCluster().nodes().get().iterator().next().port();
    }
  }

  private static void forward(ServerSocket proxy, int port) {
    while (!proxy.isClosed()) {
      try {
        Socket client = proxy.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> copy(client, server));
        Thread.ofVirtual().start(() -> copy(server, client));
      } catch (IOException _) {
        // The test is over.
        return;
      }
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException _) {
      // One end has gone; try-with-resources closes the other.
      return;
    }
  }
}
