package dev.countersign.executor.outbound;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that answers each request with the bytes that the test wants, whatever they are.
final class RawServer implements AutoCloseable {

  @FunctionalInterface
  interface Answer {
    void to(OutputStream out, CountDownLatch closed) throws IOException, InterruptedException;
  }

  private final ServerSocket socket;
  private final Answer answer;
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);

  RawServer(InetAddress address, int port, Answer answer) throws IOException {
    this.socket = new ServerSocket(port, 50, address);
    this.answer = answer;
    Thread.ofVirtual().start(this::accept);
  }

  static RawServer on(Answer answer) throws IOException {
    return new RawServer(InetAddress.getLoopbackAddress(), 0, answer);
  }

  static RawServer saying(String text) throws IOException {
    return on((out, _) -> out.write(text.getBytes(StandardCharsets.US_ASCII)));
  }

  int port() {
    return socket.getLocalPort();
  }

  String url() {
    return "http://localhost:" + port() + "/";
  }

  int requests() {
    return requests.get();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket peer = socket.accept();
        Thread.ofVirtual().start(() -> serve(peer));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /// Small requests without a body come in one piece on loopback.
  private void serve(Socket peer) {
    try (peer) {
      byte[] request = new byte[64 * 1024];
      while (peer.getInputStream().read(request) > 0) {
        requests.incrementAndGet();
        answer.to(peer.getOutputStream(), closed);
        peer.getOutputStream().flush();
      }
    } catch (IOException e) {
      System.err.println("the peer is gone: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
