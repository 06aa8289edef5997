package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.config.BadFile;
import dev.countersign.events.Assurance;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Connector;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.executor.domain.KafkaConnector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectorsFileTest {

  private static final String GOOD =
      """
      connectors:
        payments/wire_transfer:
          type: http
          method: POST
          url: https://api.bank.example/v1/transfers
          hosts: [api.bank.example]
          credential: {env: BANK_TOKEN, as: header, header: X-Api-Key}
          headers: {Accept: application/json}
          body: {amount: "${params.amount}"}
          timeout: PT5S
          outcomes: {"409": succeeded, "503": failed}
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @Test
  void theShippedSampleIsInForceAsItStands() throws Exception {
    ConnectorsFile file = new ConnectorsFile(Path.of("../config"));
    try {
      Map<Tool, Connector> byTool = file.current().byTool();
      assertEquals(
          Set.of(
              "payments/wire_transfer",
              "payments/credit_note",
              "database/drop_database",
              "crm/send_newsletter",
              "files/delete_files",
              "releases/deploy",
              "demo/noop"),
          Set.copyOf(byTool.keySet().stream().map(Tool::toString).toList()));
      assertFalse(
          file.current().findRun(new Tool("payments", "wire_transfer")).orElseThrow().idempotent());
      assertEquals(
          256, file.current().findRun(new Tool("demo", "noop")).orElseThrow().concurrency());
    } finally {
      file.close();
    }
  }

  @Test
  void aGoodFileSaysHowAToolIsRun() throws Exception {
    Files.writeString(folder.resolve("connectors.yaml"), GOOD);
    ConnectorsFile file = new ConnectorsFile(folder);
    try {
      HttpConnector connector =
          (HttpConnector) file.current().find(new Tool("payments", "wire_transfer")).orElseThrow();
      assertEquals(443, connector.url().port());
    } finally {
      file.close();
    }
  }

  @Test
  void everyExampleInItsDocumentIsInForceAsItStands() throws Exception {
    List<String> examples =
        Pattern.compile("```yaml\n(connectors:\n.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../docs/connectors.md")))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertTrue(examples.size() >= 3, "the document was not read");
    for (String example : examples) {
      Files.writeString(folder.resolve("connectors.yaml"), example);
      new ConnectorsFile(folder).close();
    }
  }

  @Test
  void aSystemOnKafkaHasTopicsOfItsOwn() throws Exception {
    Files.writeString(
        folder.resolve("connectors.yaml"),
        """
        connectors:
          releases/deploy: {type: kafka, topic: commands, replies: outcomes, timeout: PT1H}
          releases/rollback:
            type: kafka
            bootstrap: b:9093
            security: x.properties
            topic: commands
            replies: outcomes
            idempotent: true
            concurrency: 4
        """);
    ConnectorsFile file = new ConnectorsFile(folder);
    try {
      assertEquals(
          Map.of(
              new Tool("releases", "deploy"),
                  new KafkaConnector(
                      KafkaCluster.OWN,
                      "commands",
                      "outcomes",
                      Duration.ofHours(1),
                      false,
                      32,
                      Floor.NONE),
              new Tool("releases", "rollback"),
                  new KafkaConnector(
                      new KafkaCluster("b:9093", "x.properties"),
                      "commands",
                      "outcomes",
                      Duration.ofMinutes(1),
                      true,
                      4,
                      Floor.NONE)),
          file.current().byTool());
    } finally {
      file.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "topic: decision, replies: outcomes",
        "topic: commands, replies: execution",
        "topic: commands, replies: commands",
        "topic: decision, replies: outcomes, bootstrap: \"b:1\"",
        "topic: commands",
        "topic: commands, replies: ..",
        "topic: ., replies: outcomes",
        "topic: commands, replies: outcomes, security: x.properties",
        "topic: commands, replies: outcomes, bootstrap: \"b:1\", security: ../x",
        "topic: commands, replies: outcomes, timeout: PT2H",
        "topic: commands, replies: outcomes, url: \"http://x\"",
      })
  void aSystemOnKafkaThatCouldNotBeHeardIsRefused(String members) throws IOException {
    Files.writeString(
        folder.resolve("connectors.yaml"),
        """
        connectors:
          releases/deploy: {type: kafka, %s}
        """
            .formatted(members));
    assertThrows(BadFile.class, () -> new ConnectorsFile(folder).close());
  }

  @ParameterizedTest
  @CsvSource({
    "other, outcomes, different systems",
    "outcomes, elsewhere, for commands in one entry",
    "other, commands, for commands in one entry",
    "commands, outcomes, ''",
    "other, elsewhere, ''",
  })
  void oneSystemCanNotWriteWhatAnotherIsHeardBy(String topic, String replies, String problem)
      throws Exception {
    Files.writeString(
        folder.resolve("connectors.yaml"),
        """
        connectors:
          releases/deploy: {type: kafka, topic: commands, replies: outcomes}
          releases/rollback: {type: kafka, topic: %s, replies: %s}
        """
            .formatted(topic, replies));
    if (problem.isEmpty()) {
      new ConnectorsFile(folder).close();
    } else {
      BadFile refused = assertThrows(BadFile.class, () -> new ConnectorsFile(folder).close());
      assertTrue(refused.problem().contains(problem), refused::problem);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://h.example/ | https://h.example/token | allowPrivate: false | ''",
        "https://h.example/ | http://h.example/token | allowPrivate: false | over https only",
        "http://h.example/ | https://h.example/token | allowPrivate: false | over https only",
        "http://h.example/ | http://h.example/token | allowPrivate: true | ''",
        "https://h.example/ | http://h.example/token | allowPrivate: true, tls: {trust: ca.pem} | tls:",
      })
  void noSecretIsSentForEverybodyToRead(String url, String tokens, String more, String problem)
      throws Exception {
    Files.writeString(
        folder.resolve("connectors.yaml"),
        """
        connectors:
          payments/refund:
            {type: http, method: POST, url: "%s", hosts: [h.example], %s,
             credential: {oauth: {url: "%s", client: c, secret: {env: S}}}}
        """
            .formatted(url, more, tokens));
    if (problem.isEmpty()) {
      new ConnectorsFile(folder).close();
    } else {
      BadFile refused = assertThrows(BadFile.class, () -> new ConnectorsFile(folder).close());
      assertTrue(refused.problem().contains(problem), refused::problem);
    }
  }

  @Test
  void aToolThatRunsElsewhereSaysHowLongItsOutcomeIsWaitedFor() throws Exception {
    Files.writeString(
        folder.resolve("connectors.yaml"),
        """
        connectors:
          releases/deploy: {type: delegated, report: PT1H, requires: {votes: 2, assurance: passkey}}
          releases/rollback: {type: delegated}
        """);
    ConnectorsFile file = new ConnectorsFile(folder);
    try {
      assertEquals(
          Map.of(
              new Tool("releases", "deploy"),
                  new DelegatedConnector(Duration.ofHours(1), new Floor(2, Assurance.PASSKEY)),
              new Tool("releases", "rollback"),
                  new DelegatedConnector(Duration.ofMinutes(15), Floor.NONE)),
          file.current().byTool());
    } finally {
      file.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SUCCEEDED, 200 204 299 409",
    "UNKNOWN,   199 300 301 302 303 408 500 502 504 507 520 599 600 999",
    "FAILED,    304 307 308 400 401 404 422 429 501 503 505",
  })
  void anAnswerAfterWhichItMayHaveBeenDoneIsUnknownUnlessTheOperatorKnowsBetter(
      Status status, String codes) throws Exception {
    Files.writeString(folder.resolve("connectors.yaml"), GOOD);
    ConnectorsFile file = new ConnectorsFile(folder);
    try {
      HttpConnector connector =
          (HttpConnector) file.current().find(new Tool("payments", "wire_transfer")).orElseThrow();
      for (String code : codes.split(" ")) {
        assertEquals(status, connector.status(Integer.parseInt(code)), code);
      }
    } finally {
      file.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hosts: [api.bank.example] | hosts: [other.example] | connectors.yaml:2:",
        "hosts: [api.bank.example] | x: 1 | connectors.yaml:",
        "https://api.bank.example/v1 | https://${params.host}/v1 | connectors.yaml:5:",
        "https://api.bank.example/v1 | https://${UNSET_VARIABLE}/v1 | connectors.yaml:5:",
        "env: BANK_TOKEN, as: header | file: ../../etc/passwd, as: header | connectors.yaml:",
        "env: BANK_TOKEN | env: BANK_TOKEN, file: x | connectors.yaml:",
        "Accept: application/json | Idempotency-Key: mine | connectors.yaml:8:",
        "Accept: application/json | Host: inside | connectors.yaml:8:",
        "header: X-Api-Key | header: Idempotency-Key | connectors.yaml:",
        "https://api.bank.example | http://api.bank.example | connectors.yaml:",
        "PT5S | 5 seconds | connectors.yaml:10:",
        "PT5S | PT10M | connectors.yaml:10:",
        "${params.amount} | ${parms.amount} | connectors.yaml:9:",
        "type: http | type: shell | connectors.yaml:3:",
        "type: http | type: delegated | connectors.yaml:",
      })
  void aBadFileIsRefusedWithItsLine(String from, String to, String where) throws IOException {
    assertTrue(GOOD.contains(from), from);
    Files.writeString(folder.resolve("connectors.yaml"), GOOD.replace(from, to));
    BadFile refused = assertThrows(BadFile.class, () -> new ConnectorsFile(folder).close());
    assertTrue(refused.problem().startsWith(where), refused::problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "label: A, url: 'https://h.example/a', pointer: /a | ''",
        "label: A, url: 'https://h.example/${params.a}', etag: true, ifMatch: true | ''",
        "label: A, url: 'https://h.example/a', expression: 'body.a' | ''",
        "label: A, url: 'https://h.example/a' | only one",
        "label: A, url: 'https://h.example/a', pointer: /a, etag: true | only one",
        "label: A, url: 'https://h.example/a', pointer: a | pattern",
        "label: A, url: 'https://h.example/a', pointer: /a, ifMatch: true | etag",
        "label: A, url: 'https://h.example/a', pointer: /a, timeout: PT6S | within",
        "label: A, url: 'https://other.example/a', pointer: /a | not among hosts",
        "label: A, url: 'http://h.example/a', pointer: /a | over https only",
        "label: A, url: 'https://h.example/a', expression: 'body.' | not CEL",
        "label: A, url: 'https://h.example/a', expression: '1 == 1' | reads nothing",
        "label: A, url: 'https://h.example/a', expression: 'params.a' | not CEL",
        "label: ' ', url: 'https://h.example/a', pointer: /a | pattern",
        "label: A, url: 'https://h.example/a', pointer: /a}, {label: A, url: 'https://h.example/b', pointer: /a | give each its own",
        "label: A, url: 'https://h.example/a', etag: true, ifMatch: true}, {label: B, url: 'https://h.example/b', etag: true, ifMatch: true | one If-Match",
      })
  void aPreconditionThatCouldNotBeHeldIsRefused(String preconditions, String problem)
      throws Exception {
    Files.writeString(
        folder.resolve("connectors.yaml"),
        """
        connectors:
          wiki/delete_page:
            type: http
            method: DELETE
            url: https://h.example/pages
            hosts: [h.example]
            credential: {file: wiki, as: bearer}
            preconditions: [{%s}]
        """
            .formatted(preconditions));
    if (problem.isEmpty()) {
      new ConnectorsFile(folder).close();
    } else {
      BadFile refused = assertThrows(BadFile.class, () -> new ConnectorsFile(folder).close());
      assertTrue(refused.problem().contains(problem), refused::problem);
    }
  }
}
