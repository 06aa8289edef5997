package dev.countersign.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Looks for ports on loopback.
public final class FreePorts {

  private FreePorts() {}

  // Below those that systems give to connections, one of which could take the port meanwhile
  // (RFC 6335 §6; Linux begins at 32,768).
  private static final int FIRST = 20_000;
  private static final int PAST = 32_768;
  private static final int TRIES = 1_000;

  /// A port that nobody listens on at this moment.
  public static int one() {
    return ThreadLocalRandom.current()
        .ints(TRIES, FIRST, PAST)
        .filter(FreePorts::isFree)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no free port on loopback"));
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
