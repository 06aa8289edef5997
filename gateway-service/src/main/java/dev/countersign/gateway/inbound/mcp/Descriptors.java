package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// What models read of our tools stands in `mcp/*.json` on the class path.
final class Descriptors {

  private Descriptors() {}

  static ObjectNode of(String tool) {
    ObjectNode descriptor = read(tool);
    descriptor.set("outputSchema", read("result"));
    return descriptor;
  }

  private static ObjectNode read(String name) {
    String path = "/mcp/" + name + ".json";
    try (InputStream file = Descriptors.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IllegalStateException(path + " is not on the class path");
      }
      return (ObjectNode) EventJson.readTree(file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
