package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.BadFile;
import dev.countersign.config.BadValue;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Digest;
import dev.countersign.policy.domain.Catalogue;
import dev.countersign.policy.domain.PolicyEngine;
import dev.countersign.policy.domain.PolicyRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Policies for tests, read in the way of the operator's.
public final class Policies {

  private Policies() {}

  /// The set that ships.
  public static PolicyEngine shipped() {
    try {
      return read(
          Files.readString(Path.of("../config/tools.yaml")),
          Files.readString(Path.of("../config/policy.yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The catalogue that ships, in its author's words.
  public static JsonNode shippedTools() {
    try {
      byte[] content = Files.readAllBytes(Path.of("../config/tools.yaml"));
      return OperatorFile.read("tools.yaml", content, ToolsYaml.SCHEMA, yaml -> yaml).value();
    } catch (BadFile e) {
      throw new IllegalArgumentException(e.problem(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Throws `IllegalArgumentException` with the problem, as `file:line: sentence`.
  public static PolicyEngine read(String toolsYaml, String policyYaml) {
    try {
      Path folder = Files.createTempDirectory("policies-");
      Path tools = Files.writeString(folder.resolve("tools.yaml"), toolsYaml);
      Path policy = Files.writeString(folder.resolve("policy.yaml"), policyYaml);
      try (OperatorFile<Catalogue> catalogue =
              OperatorFile.open(tools, ToolsYaml.SCHEMA, ToolsYaml::read);
          OperatorFile<List<PolicyRule>> rules =
              OperatorFile.open(policy, PolicyYaml.SCHEMA, PolicyYaml::read)) {
        return switch (PolicyEngine.of(
            catalogue.current(), rules.current(), Digest.of(new byte[0]), () -> true)) {
          case PolicyEngine.Fits fits -> fits.engine();
          case PolicyEngine.FitsNot not ->
              throw new IllegalArgumentException(
                  rules
                      .loaded()
                      .problemAt(new BadValue(not.misfit().place(), not.misfit().sentence())));
        };
      } finally {
        Files.delete(tools);
        Files.delete(policy);
        Files.delete(folder);
      }
    } catch (BadFile e) {
      throw new IllegalArgumentException(e.problem(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
