package dev.countersign.launcher;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/// One process's output in a file, and in the foreground with its name in front. A file that has
/// grown large is kept once as `.1`.
final class LogFile implements Consumer<String> {

  private static final long LARGEST = 32L << 20;

  private final String prefix;
  private final Path file;
  private final Consumer<String> foreground;
  private BufferedWriter writer;
  private long written;

  LogFile(String name, Path folder, Consumer<String> foreground) {
    this.prefix = "%-9s | ".formatted(name);
    this.file = folder.resolve(name + ".log");
    this.foreground = foreground;
    try {
      this.writer = open();
    } catch (IOException e) {
      throw new UncheckedIOException("could not open the log " + file, e);
    }
  }

  @Override
  public synchronized void accept(String line) {
    foreground.accept(prefix + line);
    try {
      if (written > LARGEST) {
        writer.close();
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
        writer = open();
      }
      writer.write(line);
      writer.newLine();
      writer.flush();
      written += line.length() + 1L;
    } catch (IOException e) {
      // The process that writes must not stop because its log cannot be kept.
      foreground.accept(prefix + "(not in " + file + ": " + e.getMessage() + ")");
    }
  }

  private BufferedWriter open() throws IOException {
    written = Files.exists(file) ? Files.size(file) : 0;
    return Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
