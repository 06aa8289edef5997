package dev.countersign.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Asks the system for ports on loopback.
public final class FreePorts {

  private FreePorts() {}

  /// A port that nobody listens on at this moment.
  public static int one() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on loopback", e);
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
