package dev.countersign.policy.outbound;

import static dev.countersign.policy.domain.Proposals.proposal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.EventJson;
import dev.countersign.events.Risk;
import dev.countersign.events.Verdict;
import dev.countersign.policy.domain.GatedTool;
import dev.countersign.policy.domain.Offered;
import dev.countersign.policy.domain.PolicyEngine;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What gets through to the tools of an MCP server, by what the operator accepted and what the
/// server says of them now.
class GateTest {

  private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");
  private static final String ONE =
      "sha256:1111111111111111111111111111111111111111111111111111111111111111";
  private static final String OTHER =
      "sha256:2222222222222222222222222222222222222222222222222222222222222222";
  private static final String TOOLS =
      """
      unlisted: require-approval
      toolsets:
        files:
          mode: auto
          server: the file server
          tools:
            write:
              kind: write a file
              %s
      """;
  private static final String RULES =
      """
      rules:
        - id: people-look
          says: What may destroy something needs somebody.
          tools: ["files/*"]
          when: tool.mode == 'require-approval'
          then: require-approval
          approvers: {groups: [g], quorum: 1}
          assurance: passkey
          deadline: PT1H
      """;

  @Test
  void whatIsAsTheOperatorAcceptedGetsThrough() {
    assertInstanceOf(Verdict.Allowed.class, judge("pin: " + ONE, tool(ONE)));
  }

  @Test
  void whatTheServerSaysOtherwiseIsInQuarantineUntilThePinIsChanged() {
    assertEquals("tool-drifted", denial(judge("pin: " + ONE, tool(OTHER))));
    assertInstanceOf(Verdict.Allowed.class, judge("pin: " + OTHER, tool(OTHER)));
  }

  @Test
  void whatNobodyAcceptedDoesNotGetThrough() {
    assertEquals("tool-not-pinned", denial(judge("reversible: true", tool(ONE))));
  }

  @Test
  void whatIsNotListedDoesNotGetThroughWhateverUnlistedSays() {
    PolicyEngine engine = Policies.read(TOOLS.formatted("pin: " + ONE), RULES);

    Verdict verdict =
        engine
            .offering(offered(tool(ONE).put("name", "delete")))
            .evaluate(proposal("files/delete").build(), NOW);

    assertEquals("unlisted-tool", denial(verdict));
  }

  @Test
  void whatIsGoneOrWasNeverSeenDoesNotGetThrough() {
    assertEquals("tool-gone", denial(judge("pin: " + ONE, tool(ONE).put("name", "another"))));
    PolicyEngine engine = Policies.read(TOOLS.formatted("pin: " + ONE), RULES);
    assertEquals(
        "server-unseen",
        denial(engine.offering(Offered.NOTHING).evaluate(proposal("files/write").build(), NOW)));
  }

  @Test
  void parametersMustFitTheServersOwnSchema() {
    ObjectNode tool = tool(ONE);
    tool.set(
        "inputSchema",
        json(
            """
            {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
             "properties": {"path": {"type": "string"}}, "required": ["path"]}
            """));

    Verdict.Refused refused = assertInstanceOf(Verdict.Refused.class, judge("pin: " + ONE, tool));

    assertEquals("parameters", refused.reason().code());
  }

  @Test
  void whatAPromptOfTheOperatorsCannotShowIsNotSent() {
    ObjectNode tool = tool(ONE);
    tool.withObject("/inputSchema/properties").putObject("path");
    String entry =
        """
        pin: %s
                prompt:
                  title: Write a file
                  target: "{params.path}"
                  effect: Writes a file.
                  fields: [{label: Path, value: "{params.path}"}]
                  card: {title: A file needs your answer, target: Files}\
        """
            .formatted(ONE);
    PolicyEngine engine = Policies.read(TOOLS.formatted(entry), RULES).offering(offered(tool));
    assertInstanceOf(
        Verdict.Allowed.class,
        engine.evaluate(proposal("files/write").parameters("{\"path\": \"/tmp/a\"}").build(), NOW));
    Verdict.Refused refused =
        assertInstanceOf(
            Verdict.Refused.class,
            engine.evaluate(
                proposal("files/write")
                    .parameters("{\"path\": \"/tmp/a\", \"overwrite\": true}")
                    .build(),
                NOW));
    assertEquals("parameters", refused.reason().code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"$ref\": \"https://evil.example/schema\"}",
        "{\"$schema\": \"https://evil.example/draft\"}",
        "{\"properties\": {\"a\": {\"pattern\": \"(?=a)\"}}}"
      })
  void aSchemaThatIsNotReadShutsTheTool(String schema) {
    ObjectNode tool = tool(ONE);
    tool.set("inputSchema", json(schema));

    assertEquals("tool-schema-unreadable", denial(judge("pin: " + ONE, tool)));
  }

  @Test
  void whatItsServerCallsDestructiveNeedsApproval() {
    Verdict.ApprovalRequired required =
        assertInstanceOf(
            Verdict.ApprovalRequired.class,
            judge("pin: " + ONE, tool(ONE, "{\"destructiveHint\": true, \"readOnlyHint\": true}")));

    assertTrue(required.prompt().risks().contains(Risk.SERVER_DESTRUCTIVE.sentence()));
    assertEquals(
        "Calls write of the MCP server \"the file server\" with these parameters.",
        required.prompt().effect());
  }

  @Test
  void theOperatorMayLetThroughWhatItsServerCallsDestructive() {
    assertInstanceOf(
        Verdict.Allowed.class,
        judge(
            "pin: " + ONE + "\n        although: destructive",
            tool(ONE, "{\"destructiveHint\": true}")));
  }

  @Test
  void whatItsServerCallsHarmlessIsAskedAboutAllTheSame() {
    assertInstanceOf(
        Verdict.ApprovalRequired.class,
        judge(
            "pin: " + ONE + "\n        mode: require-approval",
            tool(ONE, "{\"readOnlyHint\": true, \"destructiveHint\": false}")));
  }

  @Test
  void aRuleThatTakesTheAgentsWordsAsAWarningTakesTheServersToo() {
    PolicyEngine engine =
        Policies.read(
            TOOLS.formatted("pin: " + ONE),
            """
            rules:
              - id: not-outside
                says: Nothing outside.
                tools: ["files/*"]
                when: claims.openWorld
                then: deny
            """);

    assertEquals(
        "denied-by-rule",
        denial(
            engine
                .offering(offered(tool(ONE, "{\"openWorldHint\": true}")))
                .evaluate(proposal("files/write").build(), NOW)));
    assertInstanceOf(
        Verdict.Allowed.class,
        engine
            .offering(offered(tool(ONE)))
            .evaluate(
                proposal("files/write").annotations("{\"openWorldHint\": false}").build(), NOW));
  }

  @Test
  void whatTheServerRaisedTheAgentsWordsDoNotLower() {
    PolicyEngine engine =
        Policies.read(
                TOOLS.formatted("pin: " + ONE),
                """
                rules:
                  - id: outside
                    says: What goes outside needs one of us.
                    tools: ["files/*"]
                    when: claims.openWorld
                    then: require-approval
                    approvers: {groups: [us], quorum: 1}
                    assurance: code
                    deadline: PT1H
                """)
            .offering(offered(tool(ONE, "{\"destructiveHint\": true}")));
    ActionProposed claimed =
        proposal("files/write").annotations("{\"openWorldHint\": true}").build();

    assertEquals("no-approver-rule", denial(engine.evaluate(claimed, NOW)));
    assertInstanceOf(
        Verdict.ApprovalRequired.class,
        engine
            .offering(offered(tool(ONE, "{\"destructiveHint\": true, \"openWorldHint\": true}")))
            .evaluate(claimed, NOW));
    assertInstanceOf(
        Verdict.ApprovalRequired.class, engine.offering(offered(tool(ONE))).evaluate(claimed, NOW));
  }

  @Test
  void anotherPinIsAnotherTool() {
    assertNotEquals(
        Policies.read(TOOLS.formatted("pin: " + ONE), RULES).catalogue().all().getFirst().digest(),
        Policies.read(TOOLS.formatted("pin: " + OTHER), RULES)
            .catalogue()
            .all()
            .getFirst()
            .digest());
  }

  @ParameterizedTest
  @CsvSource({
    "reversible: true, not-pinned",
    "pin: " + ONE + ", in-force",
    "pin: " + OTHER + ", drifted"
  })
  void theOperatorIsToldHowItStands(String entry, String state) {
    PolicyEngine engine = Policies.read(TOOLS.formatted(entry), RULES);

    List<GatedTool> tools =
        engine
            .offering(offered(tool(ONE), tool(ONE).put("name", "delete")))
            .gated()
            .getFirst()
            .tools();

    assertEquals(List.of(state, "new"), tools.stream().map(GatedTool::state).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{mode: auto, tools: {x: {kind: x, parameters: {}, pin: \"" + ONE + "\"}}}",
        "{mode: auto, tools: {x: {kind: x}}}",
        "{mode: auto, server: s, tools: {x: {kind: x, pin: \"sha256:1\"}}}",
        "{mode: require-approval, server: s, tools: {x: {kind: x, although: destructive}}}"
      })
  void whatMakesNoSenseIsNotLoaded(String toolset) {
    assertThrows(
        IllegalArgumentException.class,
        () -> Policies.read("toolsets: {t: " + toolset + "}", "rules: []"));
  }

  @Test
  void aServerThatTheExecutorHasNotHeardOfSinceItsStartIsWhatItWas() {
    Offered known = offered(tool(ONE));

    assertEquals(known, ExecutorServers.read(json("{\"servers\": {\"files\": {}}}"), known));
    assertEquals(
        Offered.NOTHING.byToolset(),
        ExecutorServers.read(json("{\"servers\": {}}"), known).byToolset());
  }

  private static Verdict judge(String entry, ObjectNode... tools) {
    return Policies.read(TOOLS.formatted(entry), RULES)
        .offering(offered(tools))
        .evaluate(proposal("files/write").build(), NOW);
  }

  private static Offered offered(ObjectNode... tools) {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    ObjectNode server = said.putObject("servers").putObject("files");
    server.put("seenAt", "2026-11-26T09:00:00Z").putArray("tools").addAll(List.of(tools));
    return ExecutorServers.read(said, Offered.NOTHING);
  }

  private static ObjectNode tool(String pin) {
    return tool(pin, "{}");
  }

  private static ObjectNode tool(String pin, String annotations) {
    ObjectNode tool = JsonNodeFactory.instance.objectNode().put("name", "write").put("pin", pin);
    tool.putObject("inputSchema").put("type", "object");
    tool.set("annotations", json(annotations));
    return tool;
  }

  private static JsonNode json(String text) {
    return EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String denial(Verdict verdict) {
    return assertInstanceOf(Verdict.Denied.class, verdict, verdict::toString).reason().code();
  }
}
