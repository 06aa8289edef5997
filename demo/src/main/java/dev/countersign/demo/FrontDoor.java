package dev.countersign.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The operator at their shell: `./countersign` with arguments.
///
/// @param home the repository
/// @param environment what it is told beside what this process was, such as ports and state folder
public record FrontDoor(Path home, Map<String, String> environment) {

  /// What a command said, and how it ended.
  public record Said(int exit, String text) {}

  public Said run(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("countersign").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    // The JDK that this runs on is one that the script need not look for.
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Said(process.waitFor(), text);
    } catch (IOException e) {
      throw new IllegalStateException("./countersign does not run in " + home, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The same where nothing but success will do.
  public String runWell(String... arguments) {
    Said said = run(arguments);
    if (said.exit != 0) {
      throw new IllegalStateException(
          "./countersign " + String.join(" ", arguments) + " says: " + said.text.strip());
    }
    return said.text;
  }
}
