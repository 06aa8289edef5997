package dev.countersign.launcher;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/// Looks for ports on loopback.
public final class FreePorts {

  private FreePorts() {}

  // Below those that systems give to connections, one of which could take the port meanwhile
  // (RFC 6335 §6; Linux begins at 32,768).
  private static final int FIRST = 20_000;
  private static final int PAST = 32_768;
  private static final int TRIES = 1_000;

  /// What this process has been given: a datagram socket of the same number each, which stands in
  /// nobody's way, which no two can have, and which ends with the process.
  private static final Queue<DatagramSocket> GIVEN = new ConcurrentLinkedQueue<>();

  /// A port that nobody listens on, and that nobody who asks here is given while this process
  /// lives: what one test chose, the other, in a JVM of its own, must not take first.
  public static int one() {
    return ThreadLocalRandom.current()
        .ints(TRIES, FIRST, PAST)
        .filter(port -> isFree(port) && claim(port))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no free port on loopback"));
  }

  private static boolean claim(int port) {
    try {
      GIVEN.add(new DatagramSocket(port, InetAddress.getLoopbackAddress()));
      return true;
    } catch (SocketException _) {
      return false;
    }
  }

  /// Whether nobody listens on this port of loopback.
  static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      // As servers do: a connection that is still closing does not make the port taken.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
