package dev.countersign.witness;

import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The logs that this witness cosigns for, by their public keys: a key on a line, in files and
/// folders of files. They are read at each submission, so that one that is put there or taken away
/// counts from then on.
///
/// What can't be read is no key, and its log is not known: that is said once.
final class KnownLogs {

  private final List<Path> places;
  private final Consumer<String> log;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  KnownLogs(List<Path> places, Consumer<String> log) {
    this.places = List.copyOf(places);
    this.log = log;
  }

  /// The keys of the log of this name; a log that changes its key has two for a while.
  List<VerifierKey> of(String origin) {
    return all().stream().filter(key -> key.name().equals(origin)).toList();
  }

  /// Every key that is known at the moment.
  List<VerifierKey> all() {
    List<VerifierKey> keys = new ArrayList<>();
    for (Path place : places) {
      try {
        files(place).forEach(file -> read(file, keys));
      } catch (IOException e) {
        say("the logs in " + place + " are not known, as it can't be read: " + e);
      }
    }
    return keys;
  }

  private void read(Path file, List<VerifierKey> keys) {
    try {
      Files.readAllLines(file).forEach(line -> read(file, line, keys));
    } catch (IOException e) {
      say("the logs in " + file + " are not known, as it can't be read: " + e);
    }
  }

  private static List<Path> files(Path place) throws IOException {
    if (Files.isDirectory(place)) {
      try (Stream<Path> files = Files.list(place)) {
        // Kubernetes mounts a ConfigMap as links, with folders beside them that begin with a dot.
        return files
            .filter(each -> !each.getFileName().toString().startsWith("."))
            .filter(Files::isRegularFile)
            .sorted()
            .toList();
      }
    }
    // A log writes its key when it first starts, and that may be later.
    return Files.notExists(place) ? List.of() : List.of(place);
  }

  private void read(Path file, String line, List<VerifierKey> keys) {
    if (line.isBlank() || line.startsWith("#")) {
      return;
    }
    try {
      VerifierKey key = VerifierKey.read(line);
      switch (key.kind()) {
        case LOG -> keys.add(key);
        case WITNESS -> say(file + " has the key of a witness, where a log's is asked for");
      }
    } catch (IllegalArgumentException e) {
      say(file + " has a line that is no verifier key: " + e.getMessage());
    }
  }

  private void say(String sentence) {
    if (said.add(sentence)) {
      log.accept(sentence);
    }
  }
}
