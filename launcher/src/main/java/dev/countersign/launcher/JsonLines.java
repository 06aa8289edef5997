package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// A file with one JSON object a line, numbered from 1, that is only ever appended to. It is read
/// again from the disk each time, from where it is asked for: what a load test leaves behind does
/// not stay in memory.
final class JsonLines {

  static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final OutputStream writer;

  // Where each line begins, and where the next one will.
  private long[] begins = new long[64];
  private int count;

  JsonLines(Path file) {
    this.file = file;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      writer = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      try (InputStream written = Files.newInputStream(file)) {
        count(written);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private void count(InputStream written) throws IOException {
    byte[] some = new byte[1 << 16];
    long before = 0;
    for (int read = written.read(some); read > 0; read = written.read(some)) {
      for (int i = 0; i < read; i++) {
        if (some[i] == '\n') {
          endsAt(before + i + 1);
        }
      }
      before += read;
    }
  }

  private void endsAt(long position) {
    if (++count == begins.length) {
      begins = Arrays.copyOf(begins, 2 * count);
    }
    begins[count] = position;
  }

  /// Appends the object that `line` makes of its number, and gives the number back.
  synchronized long append(Function<Long, JsonNode> line) {
    try {
      byte[] text =
          (JSON.writeValueAsString(line.apply(count + 1L)) + "\n").getBytes(StandardCharsets.UTF_8);
      writer.write(text);
      endsAt(begins[count] + text.length);
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /// Writes those behind number `after` that match, as a JSON array, oldest first.
  void writeArray(OutputStream to, long after, Predicate<JsonNode> matches) throws IOException {
    OutputStream out = new BufferedOutputStream(to, 1 << 16);
    boolean first = true;
    out.write('[');
    try (BufferedReader reader = behind(after)) {
      for (long left = known() - after; left > 0; left--) {
        String line = reader.readLine();
        if (line == null) {
          break;
        }
        if (matches.test(JSON.readTree(line))) {
          out.write((first ? "\n" : ",\n").getBytes(StandardCharsets.UTF_8));
          out.write(line.getBytes(StandardCharsets.UTF_8));
          first = false;
        }
      }
    }
    out.write("\n]\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  Optional<JsonNode> find(long number) throws IOException {
    if (number < 1 || number > known()) {
      return Optional.empty();
    }
    try (BufferedReader reader = behind(number - 1)) {
      String line = reader.readLine();
      return line == null ? Optional.empty() : Optional.of(JSON.readTree(line));
    }
  }

  /// The last so many, oldest first.
  List<JsonNode> last(int so) throws IOException {
    long known = known();
    List<JsonNode> last = new ArrayList<>();
    try (BufferedReader reader = behind(Math.max(0, known - so))) {
      for (long left = Math.min(known, so); left > 0; left--) {
        String line = reader.readLine();
        if (line == null) {
          break;
        }
        last.add(JSON.readTree(line));
      }
    }
    return last;
  }

  synchronized long known() {
    return count;
  }

  private BufferedReader behind(long number) throws IOException {
    SeekableByteChannel channel = Files.newByteChannel(file);
    channel.position(begin(number));
    return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  private synchronized long begin(long number) {
    return begins[Math.clamp(number, 0, count)];
  }
}
