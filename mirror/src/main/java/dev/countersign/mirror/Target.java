package dev.countersign.mirror;

import dev.countersign.verifier.LogFiles;
import java.io.IOException;
import java.util.List;

/// Where a mirror is kept.
interface Target extends LogFiles {

  /// Puts a file in its place, whole or not at all: nobody ever reads half of one.
  void write(String path, byte[] bytes) throws IOException;

  /// The names of what is in a folder, without those of what is below it; none where there is no
  /// such folder.
  List<String> names(String folder) throws IOException;

  void remove(String path) throws IOException;

  @Override
  void close();
}
