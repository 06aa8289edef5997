package dev.countersign.testservers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The line between a service and a real mail server, and what can happen on it: it is down, the
/// server refuses or falls silent, or it breaks after the server took a mail and before its reply.
public final class SmtpLine implements AutoCloseable {

  /// How the server takes those who connect, and those who are.
  public enum Mood {
    ANSWERS,
    /// It hangs up on whoever connects.
    HANGS_UP,
    /// It accepts connections, and says nothing.
    NO_GREETING,
    /// It begins to greet, and says nothing more.
    HALF_A_GREETING,
    /// It begins to greet, and hangs up.
    HALF_A_GREETING_AND_HANGS_UP,
    /// It greets whoever connects with a refusal (RFC 5321 §3.1).
    NO_SERVICE,
    /// It greets with what is no reply.
    NO_REPLY_CODE,
    /// It refuses `EHLO` and `HELO`.
    NO_HELLO,
    /// It says no more than its greeting.
    NO_REPLY,
    /// It takes mails and never says so.
    NO_RECEIPT
  }

  private static final String REFUSAL = "550 5.7.1 not from you";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final int port;
  private final int server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<String> cutAfterData = ConcurrentHashMap.newKeySet();
  private volatile Mood mood = Mood.ANSWERS;
  private volatile @Nullable String refused;
  private @Nullable ServerSocket listener;
  private int held;

  public SmtpLine(int server) throws IOException {
    this.server = server;
    ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.port = first.getLocalPort();
    accept(first);
  }

  public int port() {
    return port;
  }

  /// Nothing listens any more, and what was connected is not.
  public synchronized void down() throws IOException {
    if (listener != null) {
      listener.close();
      listener = null;
    }
    hangUp();
  }

  /// What is connected is not any more.
  public void hangUp() throws IOException {
    for (Socket each : open) {
      each.close();
    }
  }

  /// It is there and answers again; whoever it was silent to waits on.
  public synchronized void up() throws IOException {
    mood = Mood.ANSWERS;
    refused = null;
    if (listener == null) {
      ServerSocket again = new ServerSocket();
      again.setReuseAddress(true);
      again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      accept(again);
    }
  }

  /// The next mail to this address arrives, but its sender is not told.
  public void cutAfterDataTo(String address) {
    cutAfterData.add(address);
  }

  /// Commands that begin like this are refused for good; `.` is what ends a mail.
  public void refuses(String command) {
    refused = command;
  }

  public void turns(Mood to) {
    mood = to;
  }

  /// Waits until the server is silent on this many open connections.
  public synchronized void awaitHeld(int connections) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (held != connections) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(held + " connections are held, not " + connections);
      }
      wait(left);
    }
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
      if (mood == Mood.HANGS_UP) {
        return;
      }
      if (mood == Mood.HALF_A_GREETING || mood == Mood.HALF_A_GREETING_AND_HANGS_UP) {
        write(client.getOutputStream(), "220-mail.acme.example, one moment please");
      }
      if (mood == Mood.HALF_A_GREETING_AND_HANGS_UP) {
        return;
      }
      if (mood == Mood.NO_GREETING || mood == Mood.HALF_A_GREETING) {
        hold(client);
        return;
      }
      if (mood == Mood.NO_SERVICE || mood == Mood.NO_REPLY_CODE) {
        write(
            client.getOutputStream(),
            mood == Mood.NO_SERVICE ? "554 mail.acme.example takes no mail" : "out of order");
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
        return;
      }
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
        if (mood == Mood.NO_GREETING || mood == Mood.NO_REPLY) {
          hold(client);
          return;
        }
        String upper = command.toUpperCase(Locale.ROOT);
        if (upper.startsWith("RCPT TO:<MALLORY@")) {
          write(client.getOutputStream(), "550 5.1.1 no such mailbox mallory@acme.example");
        } else if (isRefused(upper)) {
          write(client.getOutputStream(), REFUSAL);
        } else {
          cut |= upper.startsWith("RCPT TO:") && cutAfterData.removeIf(command::contains);
          write(out, command);
          reply(replies, client.getOutputStream());
          if (upper.equals("DATA")) {
            while (!command.equals(".")) {
              command = commands.readLine();
              if (command.equals(".") && isRefused(command)) {
                write(client.getOutputStream(), REFUSAL);
                return;
              }
              write(out, command);
            }
            if (cut) {
              replies.readLine();
              return;
            }
            if (mood == Mood.NO_RECEIPT) {
              replies.readLine();
              hold(client);
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

  private boolean isRefused(String command) {
    String start = refused;
    return (start != null && command.startsWith(start))
        || (mood == Mood.NO_HELLO && (command.startsWith("EHLO") || command.startsWith("HELO")));
  }

  /// Says nothing until the other side hangs up.
  private void hold(Socket client) throws IOException {
    count(1);
    try {
      client.getInputStream().transferTo(OutputStream.nullOutputStream());
    } finally {
      count(-1);
    }
  }

  private synchronized void count(int more) {
    held += more;
    notifyAll();
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
