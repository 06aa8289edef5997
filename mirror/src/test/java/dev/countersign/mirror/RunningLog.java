package dev.countersign.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Tile;
import dev.countersign.tlog.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A log with its own keys over HTTP: any tile of any width that it ever had, as ours gives them.
final class RunningLog implements AutoCloseable {

  private static final Instant COSIGNED = Instant.parse("2026-11-26T10:00:05Z");

  final NoteSigner key;
  final NoteSigner witness;
  final Path keyFile;
  final Path witnessFile;

  /// What was asked for, in order.
  final List<String> asked = new CopyOnWriteArrayList<>();

  /// What is not there, though the log had it once.
  final Set<String> gone = ConcurrentHashMap.newKeySet();

  /// What is answered in place of what the log has.
  final Map<String, byte[]> instead = new ConcurrentHashMap<>();

  private volatile int answered = Integer.MAX_VALUE;
  private volatile CountDownLatch held = new CountDownLatch(1);
  private volatile CountDownLatch released = new CountDownLatch(1);
  private final HttpServer server;
  private volatile Tree tree = new Tree();

  /// What is published, by its path.
  private static final class Tree {
    final List<byte[]> entries = new ArrayList<>();
    final List<List<Hash>> levels = new ArrayList<>(List.of(new ArrayList<>()));
    final Map<String, byte[]> files = new HashMap<>();
    Frontier frontier = Frontier.EMPTY;

    Tree copy() {
      Tree copy = new Tree();
      copy.entries.addAll(entries);
      copy.levels.clear();
      levels.forEach(each -> copy.levels.add(new ArrayList<>(each)));
      copy.files.putAll(files);
      copy.frontier = frontier;
      return copy;
    }
  }

  RunningLog(Path folder) throws IOException {
    key = KeyFile.open(folder.resolve("log.key"), "example.com/log", VerifierKey.Kind.LOG);
    witness =
        KeyFile.open(
            folder.resolve("witness.key"), "example.com/witness", VerifierKey.Kind.WITNESS);
    keyFile = Files.writeString(folder.resolve("log.vkey"), key.key() + "\n");
    witnessFile = Files.writeString(folder.resolve("witness.vkey"), witness.key() + "\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath().substring(1);
          asked.add(path);
          holdBack();
          byte[] bytes = instead.getOrDefault(path, tree.files.get(path));
          if (bytes == null || gone.contains(path)) {
            exchange.sendResponseHeaders(404, -1);
          } else {
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
    server.start();
  }

  /// From this request on nobody gets an answer, until [#release].
  void holdFrom(int request) {
    held = new CountDownLatch(1);
    released = new CountDownLatch(1);
    answered = request;
  }

  private void holdBack() {
    if (asked.size() > answered) {
      held.countDown();
      uninterrupted(released);
    }
  }

  /// Until somebody waits for an answer that is held back.
  void awaitHeld() {
    uninterrupted(held);
  }

  void release() {
    answered = Integer.MAX_VALUE;
    released.countDown();
  }

  private static void uninterrupted(CountDownLatch latch) {
    try {
      if (!latch.await(5, TimeUnit.MINUTES)) {
        throw new AssertionError("waited in vain");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// What it has at a path; no bytes where it has nothing.
  byte[] file(String path) {
    return tree.files.getOrDefault(path, new byte[0]);
  }

  /// The log at this size, with another word in each entry from `fork` on.
  RunningLog write(int size, int fork) {
    Tree written = new Tree();
    grow(written, size, fork);
    publish(written);
    return this;
  }

  /// What was there, and more.
  RunningLog growTo(int size) {
    Tree grown = tree.copy();
    grow(grown, size, Integer.MAX_VALUE);
    publish(grown);
    return this;
  }

  private static void grow(Tree tree, int size, int fork) {
    for (int i = (int) tree.frontier.size(); i < size; i++) {
      byte[] entry = ((i < fork ? "{\"entry\":" : "{\"forked\":") + i + "}").getBytes(UTF_8);
      tree.entries.add(entry);
      Hash leaf = Hash.ofLeaf(entry);
      tree.levels.getFirst().add(leaf);
      tree.frontier =
          tree.frontier.append(
              List.of(leaf),
              (level, _, hash) -> {
                if (tree.levels.size() <= level) {
                  tree.levels.add(new ArrayList<>());
                }
                tree.levels.get(level).add(hash);
              });
    }
  }

  private void publish(Tree written) {
    written.files.put("checkpoint", checkpoint(written).bytes());
    for (int level = Tile.ENTRIES; level < written.levels.size(); level++) {
      int count = written.levels.get(Math.max(0, level)).size();
      for (int from = 0; from < count; from += Row.WIDTH) {
        int to = Math.min(count, from + Row.WIDTH);
        String path = new Tile(level, from / Row.WIDTH, to - from).path();
        if (!written.files.containsKey(path)) {
          written.files.put(
              path,
              level == Tile.ENTRIES
                  ? EntryBundle.bytes(written.entries.subList(from, to))
                  : bytes(written.levels.get(level).subList(from, to)));
        }
      }
    }
    tree = written;
  }

  private static byte[] bytes(List<Hash> hashes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    hashes.forEach(each -> bytes.writeBytes(each.bytes()));
    return bytes.toByteArray();
  }

  /// As the log signed it, and nobody else.
  Note signed() {
    return key.sign(text(tree), COSIGNED);
  }

  /// As another key of the same name signs it.
  Note signedBy(NoteSigner other) {
    return other.sign(text(tree), COSIGNED).with(witness.signature(text(tree), COSIGNED));
  }

  private Note checkpoint(Tree of) {
    return key.sign(text(of), COSIGNED).with(witness.signature(text(of), COSIGNED));
  }

  private String text(Tree of) {
    return new Checkpoint(key.key().name(), of.frontier.size(), of.frontier.root()).text();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
