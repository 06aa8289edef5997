package dev.countersign.policy.domain;

import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the operator says of one tool.
///
/// @param kind what approvers call it
/// @param mode the floor below which no rule can go: its own, or its toolset's if that is stricter
/// @param inBatches whether a call may be answered together with the rest of its batch
/// @param preconditions whether a call rests on how things stand, as its connector reads them
/// @param facts what rules judge, each computed from the parameters, in the order written
/// @param gate where it is one of an MCP server's, whose schema its parameters must fit too; null
///   elsewhere
/// @param prompt absent where all parameters are listed as they are
/// @param digest of all that the catalogue says of it, its toolset's words included
public record CataloguedTool(
    Tool tool,
    String kind,
    Then mode,
    String environment,
    String sensitivity,
    boolean reversible,
    boolean inBatches,
    boolean preconditions,
    ParameterSchema parameters,
    Map<String, Expression> facts,
    @Nullable Gate gate,
    @Nullable PromptTemplate prompt,
    Digest digest) {

  public CataloguedTool {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }
}
