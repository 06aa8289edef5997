package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// A file with one JSON object a line, numbered from 1, that is only ever appended to. It is read
/// again from the disk each time: what a load test leaves behind does not stay in memory.
final class JsonLines {

  static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final BufferedWriter writer;
  private long count;

  JsonLines(Path file) {
    this.file = file;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      try (BufferedReader reader = Files.newBufferedReader(file)) {
        count = reader.lines().count();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /// Appends the object that `line` makes of its number, and gives the number back.
  synchronized long append(Function<Long, JsonNode> line) {
    try {
      String text = JSON.writeValueAsString(line.apply(count + 1));
      writer.write(text);
      writer.newLine();
      writer.flush();
      return ++count;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /// Writes those that match, as a JSON array, oldest first.
  void writeArray(OutputStream out, Predicate<JsonNode> matches) throws IOException {
    long known = known();
    boolean first = true;
    out.write('[');
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (long number = 1; number <= known; number++) {
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
  }

  Optional<JsonNode> find(long number) throws IOException {
    if (number < 1 || number > known()) {
      return Optional.empty();
    }
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (long passed = 1; passed < number; passed++) {
        reader.readLine();
      }
      String line = reader.readLine();
      return line == null ? Optional.empty() : Optional.of(JSON.readTree(line));
    }
  }

  /// The last so many, oldest first.
  List<JsonNode> last(int so) throws IOException {
    long known = known();
    List<JsonNode> last = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (long number = 1; number <= known; number++) {
        String line = reader.readLine();
        if (line != null && number > known - so) {
          last.add(JSON.readTree(line));
        }
      }
    }
    return last;
  }

  synchronized long known() {
    return count;
  }
}
