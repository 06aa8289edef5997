package dev.countersign.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One of the operator's YAML files: what it says now, and again when it changes.
///
/// At the start it takes what is there. A change counts once the file has stood still for two
/// looks, half a second apart: an editor that writes in place leaves the beginning of a policy on
/// disk for a moment, and the beginning of a policy can be a policy too, without the rules that
/// forbid.
///
/// ```
/// bytes ──► YAML within bounds ──► JSON Schema ──► parse ──► current()
///              └───────────────────────┴───────────┴──► problem(): file:line: sentence,
///                                                        what was current stays in force
/// ```
public final class OperatorFile<T> implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(OperatorFile.class);
  private static final long POLL_MILLIS = 500;

  private final Path path;
  private final String name;
  private final Schema schema;
  private final Function<JsonNode, T> parse;
  private final List<Consumer<T>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService poll;

  private volatile Loaded<T> loaded;
  private volatile @Nullable String problem;
  // What was last looked at, good or bad, so that a bad file is reported once. Written last.
  private volatile String seen;
  // What the watch saw when it last looked, in force or not.
  private String glanced;

  private OperatorFile(Path path, Schema schema, Function<JsonNode, T> parse) throws BadFile {
    this.path = path;
    this.name = String.valueOf(path.getFileName());
    this.schema = schema;
    this.parse = parse;
    Look look = look();
    this.loaded = load(look);
    this.seen = look.digest;
    this.glanced = look.digest;
    this.poll =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("watch-" + name).factory());
  }

  /// Reads the file and keeps watching it. Throws where it is no good: there is no last good one to
  /// fall back on.
  ///
  /// @param schemaResource the class path name of its JSON Schema (draft 2020-12)
  /// @param parse makes of validated JSON what is in force; may throw {@link BadValue}
  public static <T> OperatorFile<T> open(
      Path path, String schemaResource, Function<JsonNode, T> parse) throws BadFile {
    OperatorFile<T> file = new OperatorFile<>(path, schema(schemaResource), parse);
    var _ =
        file.poll.scheduleWithFixedDelay(
            file::poll, POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    return file;
  }

  /// Reads a content as if it stood in a file of this name, and watches nothing. The other
  /// parameters are those of {@link #open}.
  public static <T> Loaded<T> read(
      String name, byte[] content, String schemaResource, Function<JsonNode, T> parse)
      throws BadFile {
    return load(name, content, digest(content), schema(schemaResource), parse);
  }

  /// What is in force.
  public T current() {
    return loaded.value();
  }

  /// The digest of the bytes that are in force: `sha256:` and hex.
  public String version() {
    return loaded.version();
  }

  /// What is in force, with its text and lines.
  public Loaded<T> loaded() {
    return loaded;
  }

  /// Why the file as it now stands on disk is not in force, as `file:line: sentence`; empty where
  /// it is.
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /// Whether what is on disk now was looked at already, and is in force or refused.
  public boolean isSettled() {
    return look().digest.equals(seen);
  }

  /// Calls the listener with what comes into force from now on, on the watching thread.
  public void onChange(Consumer<T> listener) {
    listeners.add(listener);
  }

  private boolean take(Look look) {
    // What could not be read is looked at again when it is back, even with the content it had.
    if (look.refusal == null && look.digest.equals(seen)) {
      return false;
    }
    try {
      loaded = load(look);
      problem = null;
    } catch (BadFile e) {
      if (!e.problem().equals(problem)) {
        problem = e.problem();
        LOG.errorf("file refused, the last good one stays in force problem=\"%s\"", e.problem());
      }
      return false;
    } finally {
      seen = look.digest;
    }
    LOG.infof("file accepted file=%s version=%s", name, loaded.version());
    listeners.forEach(each -> each.accept(loaded.value()));
    return true;
  }

  @Override
  public void close() {
    poll.shutdownNow();
  }

  // The watch outlives whatever goes wrong in it: an operator's next edit must still be seen.
  private void poll() {
    try {
      takeWhatStandsStill();
    } catch (RuntimeException | StackOverflowError e) {
      LOG.errorf(e, "file could not be put into force file=%s", name);
    }
  }

  /// One look of the watch. Returns whether other content came into force.
  synchronized boolean takeWhatStandsStill() {
    Look look = look();
    boolean still = look.digest.equals(glanced);
    glanced = look.digest;
    return still && take(look);
  }

  private Look look() {
    // Opened anew each time: a config map is a symlink that is turned to another folder.
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(YamlReader.MAX_BYTES + 1);
      return new Look(bytes, digest(bytes), null);
    } catch (NoSuchFileException e) {
      return unreadable("the file is not there; put it at " + path.toAbsolutePath());
    } catch (IOException e) {
      return unreadable("the file cannot be read: " + e);
    }
  }

  private Look unreadable(String sentence) {
    return new Look(new byte[0], "", new BadFile(name, 1, sentence));
  }

  /// What was on disk at one moment; a refusal, and no digest, where nothing could be read.
  private static final class Look {
    final byte[] bytes;
    final String digest;
    final @Nullable BadFile refusal;

    Look(byte[] bytes, String digest, @Nullable BadFile refusal) {
      this.bytes = bytes;
      this.digest = digest;
      this.refusal = refusal;
    }
  }

  private Loaded<T> load(Look look) throws BadFile {
    if (look.refusal != null) {
      throw look.refusal;
    }
    return load(name, look.bytes, look.digest, schema, parse);
  }

  private static <T> Loaded<T> load(
      String name, byte[] bytes, String version, Schema schema, Function<JsonNode, T> parse)
      throws BadFile {
    try {
      Located located = YamlReader.read(name, bytes);
      List<Error> errors = schema.validate(located.json());
      if (!errors.isEmpty()) {
        throw invalid(name, located, errors);
      }
      return new Loaded<>(
          parsed(name, located, parse),
          version,
          name,
          new String(bytes, StandardCharsets.UTF_8),
          located);
    } catch (RuntimeException | StackOverflowError e) {
      // Whatever the reader stumbles over, what it has not read to the end is not in force.
      LOG.errorf(e, "file could not be read to its end file=%s", name);
      throw new BadFile(name, 1, "the file could not be read to its end: " + e);
    }
  }

  private static <T> T parsed(String name, Located located, Function<JsonNode, T> parse)
      throws BadFile {
    try {
      return parse.apply(located.json());
    } catch (BadValue e) {
      throw new BadFile(name, located.line(e.pointer()), e.sentence());
    }
  }

  private static BadFile invalid(String name, Located located, List<Error> errors) {
    Error first =
        errors.stream()
            .min(Comparator.comparingInt(error -> located.line(pointer(error))))
            .orElseThrow();
    String where = first.getInstanceLocation().toString();
    String sentence = (where.isEmpty() ? "" : where + ": ") + first.getMessage();
    if (errors.size() > 1) {
      sentence += " (and " + (errors.size() - 1) + " more)";
    }
    return new BadFile(name, located.line(pointer(first)), sentence);
  }

  private static String pointer(Error error) {
    String pointer = error.getInstanceLocation().toString();
    String property = error.getProperty();
    // A member that is missing has no line of its own, and falls back to what it is missing from.
    return property == null ? pointer : pointer + Located.step(property);
  }

  private static Schema schema(String resource) {
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder ->
                builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
    ClassLoader own = OperatorFile.class.getClassLoader();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    try (InputStream in = (context == null ? own : context).getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no schema on the class path: " + resource);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return registry.getSchema(text, InputFormat.JSON);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
