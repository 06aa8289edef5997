package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// What a tool's parameters must look like.
public interface ParameterSchema {

  /// The first thing that is wrong, with its path and without its value; empty where nothing is.
  Optional<String> problem(JsonNode parameters);
}
