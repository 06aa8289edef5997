package dev.countersign.notifier;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The line between the notifier and a real mail server, and what can happen on it: it is down, the
/// server refuses a recipient, or it breaks after the server took a mail and before its reply.
final class SmtpLine implements AutoCloseable {

  private final int port;
  private final int server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<String> cutAfterData = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocket listener;

  SmtpLine(int server) throws IOException {
    this.server = server;
    ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.port = first.getLocalPort();
    accept(first);
  }

  int port() {
    return port;
  }

  /// Nothing listens any more, and what was connected is not.
  synchronized void down() throws IOException {
    if (listener != null) {
      listener.close();
      listener = null;
    }
    for (Socket each : open) {
      each.close();
    }
  }

  synchronized void up() throws IOException {
    if (listener == null) {
      ServerSocket again = new ServerSocket();
      again.setReuseAddress(true);
      again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      accept(again);
    }
  }

  /// The next mail to this address arrives, but its sender is not told.
  void cutAfterDataTo(String address) {
    cutAfterData.add(address);
  }

  @Override
  public void close() throws IOException {
    down();
  }

  private void accept(ServerSocket on) {
    listener = on;
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              Socket client = on.accept();
              Thread.ofVirtual().start(() -> relay(client));
            }
          } catch (IOException _) {
            // Closed: the line is down.
          }
        });
  }

  private void relay(Socket client) {
    try (client;
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
      open.add(client);
      BufferedReader commands =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = upstream.getOutputStream();
      BufferedReader replies =
          new BufferedReader(
              new InputStreamReader(upstream.getInputStream(), StandardCharsets.ISO_8859_1));
      reply(replies, client.getOutputStream());
      boolean cut = false;
      String command = commands.readLine();
      while (command != null) {
        String upper = command.toUpperCase(Locale.ROOT);
        if (upper.startsWith("RCPT TO:<MALLORY@")) {
          write(client.getOutputStream(), "550 5.1.1 no such mailbox mallory@acme.example");
        } else {
          cut |= upper.startsWith("RCPT TO:") && cutAfterData.removeIf(command::contains);
          write(out, command);
          reply(replies, client.getOutputStream());
          if (upper.equals("DATA")) {
            while (!command.equals(".")) {
              command = commands.readLine();
              write(out, command);
            }
            if (cut) {
              replies.readLine();
              return;
            }
            reply(replies, client.getOutputStream());
          }
        }
        command = commands.readLine();
      }
    } catch (IOException _) {
      // Either side hung up, which is what this is for.
    } finally {
      open.remove(client);
    }
  }

  private static void reply(BufferedReader from, OutputStream to) throws IOException {
    String line;
    do {
      line = from.readLine();
      if (line == null) {
        throw new IOException("the server hung up");
      }
      write(to, line);
    } while (line.length() > 3 && line.charAt(3) == '-');
  }

  private static void write(OutputStream to, String line) throws IOException {
    to.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    to.flush();
  }
}
