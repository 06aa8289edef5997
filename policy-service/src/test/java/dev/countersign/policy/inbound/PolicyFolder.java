package dev.countersign.policy.inbound;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/// A folder with a copy of the operator's files that ship, for a test to edit.
public final class PolicyFolder implements QuarkusTestResourceLifecycleManager {

  static final String PROPERTY = "countersign.config";

  @Override
  public Map<String, String> start() {
    try {
      Path folder = Files.createTempDirectory("policy-folder-");
      restore(folder);
      return Map.of(PROPERTY, folder.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void restore(Path folder) {
    try {
      for (String name : new String[] {"tools.yaml", "policy.yaml"}) {
        write(folder.resolve(name), Files.readString(Path.of("../config", name)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whoever reads the file meanwhile sees all of the old text or all of the new.
  static void write(Path file, String text) throws IOException {
    Path whole = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void stop() {}
}
