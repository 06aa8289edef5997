package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.executor.domain.Outcome;
import io.vertx.core.MultiMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One run of a program that is an MCP server: JSON-RPC over its standard input and output, a
/// message a line (MCP 2025-11-25 §Transports, stdio).
///
/// It is a stranger's program and is taken for one: a line that is too long or has too much in it,
/// or much that nobody asked for, ends it, and what it says on standard error is logged only until
/// its session is open, for later it may hold what it was called with.
final class StdioServer {

  private static final Logger LOG = Logger.getLogger(StdioServer.class);
  private static final int LONGEST_LINE = 1024 * 1024;
  private static final int MOST_UNASKED = 8 * 1024 * 1024;
  private static final int MOST_SAID = 2_000;
  private static final int MOST_UNWRITTEN = 1_024;
  private static final int TO_END_BY_ITSELF = 2;
  // What a program needs to run at all; nothing else of our own environment is its business.
  private static final List<String> INHERITED =
      List.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER");

  /// A message on its way; whether its first byte may have been written decides what its sender is
  /// told when the program ends.
  ///
  /// @param id of the request; null for what nobody waits for
  /// @param notAfter on the monotonic clock: what was looked at before counts no longer; null where
  ///   it may be written at any time
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Line(
      byte[] bytes, AtomicBoolean begun, @Nullable Integer id, @Nullable Long notAfter) {

    boolean isLate() {
      return notAfter != null && System.nanoTime() - notAfter > 0;
    }
  }

  private record Waiting(Line line, CompletableFuture<McpSession.Reply> reply) {}

  private final Process process;
  private final Path folder;
  private final String program;
  private final Map<String, String> variables;
  private final Runnable listChanged;
  private final long startedAt = System.nanoTime();
  private final AtomicInteger last = new AtomicInteger();
  private final Map<Integer, Waiting> waiting = new ConcurrentHashMap<>();
  private final BlockingQueue<Line> unwritten = new LinkedBlockingQueue<>(MOST_UNWRITTEN);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final StringBuilder said = new StringBuilder();
  private volatile boolean opened;
  private volatile boolean retired;
  // Guarded by this, as is `ending`. The first is of whoever has it started.
  private int sessions = 1;
  private boolean ending;

  private StdioServer(
      Process process,
      Path folder,
      String program,
      Map<String, String> variables,
      Runnable listChanged) {
    this.process = process;
    this.folder = folder;
    this.program = program;
    this.variables = variables;
    this.listChanged = listChanged;
  }

  /// Starts it. It may block. Whoever does has a session of it, and is to leave it.
  ///
  /// @param variables what stands in its environment beside what every program needs
  /// @param listChanged called when it says that its tools have changed
  static StdioServer start(
      List<String> command, Map<String, String> variables, Runnable listChanged)
      throws IOException {
    // One of its own, and nobody else's to write: programs read settings and modules from where
    // they stand.
    Path folder = Files.createTempDirectory("countersign-mcp-");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(INHERITED);
    environment.putAll(variables);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      Files.delete(folder);
      throw e;
    }
    StdioServer server =
        new StdioServer(process, folder, command.getFirst(), variables, listChanged);
    Thread reader = server.thread("out", server::read);
    var _ = server.thread("err", server::listen);
    var _ = server.thread("in", server::write);
    var _ = process.onExit().thenRun(() -> server.thread("exit", () -> server.exited(reader)));
    return server;
  }

  private Thread thread(String stream, Runnable work) {
    return Thread.ofPlatform().daemon().name("mcp-" + stream + "-" + process.pid()).start(work);
  }

  /// What it left behind may hold its output open for ever.
  private void exited(Thread reader) {
    try {
      var _ = reader.join(Duration.ofSeconds(TO_END_BY_ITSELF));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    over("it exited");
  }

  Map<String, String> variables() {
    return variables;
  }

  /// In nanoseconds.
  long age() {
    return System.nanoTime() - startedAt;
  }

  /// Whether new requests may go to it.
  boolean isUsable() {
    return !retired && !ended.isDone();
  }

  CompletableFuture<Void> ended() {
    return ended;
  }

  /// From now on its standard error is nobody's to read.
  void opened() {
    opened = true;
  }

  /// One more session of it, until {@link #leave}; false where it takes nothing new.
  synchronized boolean enter() {
    if (!isUsable()) {
      return false;
    }
    sessions++;
    return true;
  }

  /// One session less.
  void leave() {
    synchronized (this) {
      sessions--;
    }
    endIfLeft();
  }

  /// Sends a request. The reply always comes, by the program's end at the latest.
  ///
  /// @param notAfter on the monotonic clock: if its first byte could not be written by then, it
  ///   never is; null where it may be written at any time
  int send(
      String method,
      JsonNode params,
      @Nullable Long notAfter,
      CompletableFuture<McpSession.Reply> reply) {
    int id = last.incrementAndGet();
    Line line = line(McpMessages.request(id, method, params), id, notAfter);
    waiting.put(id, new Waiting(line, reply));
    if (!unwritten.offer(line)) {
      waiting.remove(id);
      reply.complete(unsent("mcp-busy", "The MCP server takes nothing in; no tool was called."));
    } else if (ended.isDone()) {
      // It ended between our look and our line.
      giveUp();
    }
    return id;
  }

  /// Whoever sent it waits no longer; what comes of it is nobody's any more. Returns whether it was
  /// never written, and never will be.
  boolean forget(int id) {
    Waiting forgotten = waiting.remove(id);
    boolean never = forgotten != null && forgotten.line.begun.compareAndSet(false, true);
    if (forgotten != null && !never) {
      ObjectNode cancelled = McpMessages.notification("notifications/cancelled");
      cancelled.putObject("params").put("requestId", id);
      notify(cancelled);
    }
    endIfLeft();
    return never;
  }

  void notify(ObjectNode message) {
    if (!unwritten.offer(line(message, null, null))) {
      LOG.debugf("An MCP server takes nothing in program=%s", program);
    }
  }

  /// Takes in nobody new; ends when what is under way has ended.
  void retire() {
    synchronized (this) {
      retired = true;
    }
    endIfLeft();
  }

  /// Whoever has a session of it may be about to call: between its looks and its call it awaits no
  /// answer, and it must not be cut off in the middle of an effect.
  private synchronized void endIfLeft() {
    if (retired && sessions == 0 && waiting.isEmpty() && !ending) {
      ending = true;
      var _ = thread("end", this::end);
    }
  }

  /// Ends it the way that the protocol says: its input is closed, and after a while it is killed.
  /// It blocks until it is gone.
  void end() {
    List<ProcessHandle> others = process.descendants().toList();
    // By itself: a program that reads nothing lets nobody finish writing, and closing waits for
    // that until it is gone.
    var _ = thread("close", this::closeInput);
    try {
      if (!process.waitFor(TO_END_BY_ITSELF, TimeUnit.SECONDS)) {
        process.destroy();
        var _ = process.waitFor(TO_END_BY_ITSELF, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    others.forEach(ProcessHandle::destroyForcibly);
    kill();
  }

  private void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.debugf("An MCP server's input was closed already program=%s", program);
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private void write() {
    try (OutputStream out = process.getOutputStream()) {
      while (!ended.isDone()) {
        Line line = unwritten.poll(1, TimeUnit.SECONDS);
        if (line == null) {
          continue;
        }
        if (line.isLate()) {
          drop(line);
        } else if (line.begun.compareAndSet(false, true)) {
          // Whoever takes the mark has the line: a sender that gave it up must not see it written.
          out.write(line.bytes);
          out.flush();
        }
      }
    } catch (IOException e) {
      LOG.debugf("An MCP server takes nothing more program=%s cause=%s", program, e.toString());
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The program took in nothing for so long that a freeze may have come since the last look. The
  /// mark is not taken: a sender that gives the line up in this moment is to learn the same.
  private void drop(Line line) {
    Waiting found = line.id == null ? null : waiting.remove(line.id);
    if (found != null) {
      found.reply.complete(
          unsent("mcp-busy", "The MCP server took nothing in soon enough; no tool was called."));
      endIfLeft();
    }
  }

  private void read() {
    String why = "it closed its output";
    try (InputStream in = process.getInputStream()) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      byte[] chunk = new byte[8192];
      int unasked = 0;
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        int from = 0;
        for (int i = 0; i < read; i++) {
          if (chunk[i] == '\n') {
            line.write(chunk, from, i - from);
            from = i + 1;
            unasked = take(line.toByteArray()) ? 0 : unasked + line.size() + 1;
            line.reset();
          }
        }
        line.write(chunk, from, read - from);
        if (line.size() > LONGEST_LINE || unasked > MOST_UNASKED) {
          why = "it said more than anybody asked for";
          break;
        }
      }
    } catch (Bounds.OutOfBounds e) {
      // Which request it answers, only what is read says; whoever waits shall not wait in vain.
      why = "it said more at a time than is read";
    } catch (IOException e) {
      why = "its output broke off";
      LOG.debugf("An MCP server's output broke off program=%s cause=%s", program, e.toString());
    }
    // Whoever says nothing more can answer nothing more.
    kill();
    over(why);
  }

  private void over(String why) {
    int exit;
    try {
      exit = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exit = -1;
    }
    if (ended.complete(null) && !retired) {
      LOG.warnf(
          "An MCP server ended program=%s exit=%d why=\"%s\" said=\"%s\"",
          program, exit, why, opened ? "" : said());
    }
    giveUp();
    clear();
  }

  /// It is gone, and so is what it left where it stood.
  private void clear() {
    try (Stream<Path> left = Files.walk(folder)) {
      for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.debugf("An MCP server's folder is left program=%s cause=%s", program, e.toString());
    }
  }

  private void giveUp() {
    for (Integer id : List.copyOf(waiting.keySet())) {
      Waiting each = waiting.remove(id);
      if (each != null) {
        each.reply.complete(
            each.line.begun.compareAndSet(false, true)
                ? unsent(
                    "mcp-no-session", "The MCP server's program had ended; no tool was called.")
                : new McpSession.Reply(
                    new Exchanged.Broken(
                        Outcome.unknown(
                            "cut-off",
                            "The MCP server's program ended before its answer could be read. Look at"
                                + " what it works on whether it took effect.")),
                    Optional.empty()));
      }
    }
  }

  private static McpSession.Reply unsent(String code, String text) {
    return new McpSession.Reply(new Exchanged.Not(Outcome.failed(code, text)), Optional.empty());
  }

  /// Whether it was something that somebody waits for.
  private boolean take(byte[] bytes) throws Bounds.OutOfBounds {
    JsonNode json;
    try {
      json = McpAnswer.JSON.readTree(bytes);
    } catch (IllegalArgumentException e) {
      // Some programs write their log there too. It counts as what nobody asked for.
      return false;
    }
    if (json.path("method").isTextual()) {
      hear(json);
      return false;
    }
    boolean response = json.path("result").isObject() || json.path("error").isObject();
    Waiting found =
        response && json.path("id").canConvertToInt()
            ? waiting.remove(json.path("id").intValue())
            : null;
    if (found == null) {
      return false;
    }
    found.reply.complete(
        new McpSession.Reply(
            new Exchanged.Answered(200, MultiMap.caseInsensitiveMultiMap(), true),
            Optional.of(new McpAnswer.Response(json, Digest.of(bytes), bytes.length))));
    endIfLeft();
    return true;
  }

  private void hear(JsonNode json) {
    String method = json.path("method").textValue();
    if (!json.has("id")) {
      if (method.equals("notifications/tools/list_changed")) {
        listChanged.run();
      }
      return;
    }
    // We offer nothing that it could ask for, but whether we are there.
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    answer.set("id", json.path("id"));
    if (method.equals("ping")) {
      answer.putObject("result");
    } else {
      answer.putObject("error").put("code", -32601).put("message", "Method not found");
    }
    notify(answer);
  }

  private void listen() {
    try (Reader err = process.errorReader(StandardCharsets.UTF_8)) {
      char[] chunk = new char[1024];
      for (int read = err.read(chunk); read >= 0; read = err.read(chunk)) {
        synchronized (said) {
          if (!opened) {
            said.append(chunk, 0, Math.min(read, MOST_SAID - said.length()));
          }
        }
      }
    } catch (IOException e) {
      LOG.debugf("An MCP server's errors broke off program=%s cause=%s", program, e.toString());
    }
  }

  /// What it said before its session was open, on one line and without its own secrets.
  String said() {
    String text;
    synchronized (said) {
      text = said.toString();
    }
    for (String value : variables.values()) {
      if (!value.isBlank()) {
        text = text.replace(value, "…");
      }
    }
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }

  private static Line line(JsonNode message, @Nullable Integer id, @Nullable Long notAfter) {
    byte[] json = EventJson.write(message);
    byte[] line = new byte[json.length + 1];
    System.arraycopy(json, 0, line, 0, json.length);
    line[json.length] = '\n';
    return new Line(line, new AtomicBoolean(), id, notAfter);
  }
}
