package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest {

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void start() {
    server = Target.start(0, folder.resolve("calls.jsonl"), "secret");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aCallWithoutTheCredentialIsRefusedAndNotWrittenDown() throws Exception {
    assertEquals(401, post("/transfers", "wrong", "a", "{}").statusCode());
    assertEquals(0, calls("").size());
  }

  @Test
  void aCallIsWrittenDownWithItsKeyAndBodyAndWithoutTheCredential() throws Exception {
    assertEquals(200, post("/transfers", "secret", "a", "{\"amount\":\"1.00\"}").statusCode());
    assertEquals(200, post("/transfers", "secret", "b", "not json").statusCode());
    assertEquals(2, calls("").size());
    JsonNode call = calls("?key=a").get(0);
    assertEquals("/transfers", call.get("path").asText());
    assertEquals("a", call.get("headers").get("idempotency-key").asText());
    assertEquals("1.00", call.get("body").get("amount").asText());
    assertEquals("not json", calls("?key=b").get(0).get("body").asText());
    assertTrue(!calls("").toString().contains("secret"));
  }

  @Test
  void aCallThatIsAnsweredOtherwiseWasStillTaken() throws Exception {
    assertEquals(503, post("/transfers?status=503&delay=1", "secret", "a", "{}").statusCode());
    assertEquals(1, calls("?key=a").size());
    assertEquals(400, post("/transfers?status=abc", "secret", "a", "{}").statusCode());
  }

  @Test
  void theCallsSurviveARestart() throws Exception {
    post("/transfers", "secret", "a", "{}");
    server.stop(0);
    start();
    post("/transfers", "secret", "b", "{}");
    assertEquals(2, calls("").get(1).get("number").asInt());
  }

  @Test
  void aDatabaseStandsAsItDidUntilSomebodyChangesItOverARestartToo() throws Exception {
    assertEquals(
        "{\"name\":\"wiki\",\"tables\":12,\"rows\":48200,\"version\":1}",
        database("GET", "").body().strip());

    assertEquals(200, database("PUT", "{\"tables\":13,\"rows\":5}").statusCode());
    post("/databases/wiki/drop", "secret", "a", "{}");
    server.stop(0);
    start();

    HttpResponse<String> now = database("GET", "");
    assertEquals("{\"name\":\"wiki\",\"tables\":13,\"rows\":5,\"version\":2}", now.body().strip());
    assertEquals("\"v2\"", now.headers().firstValue("ETag").orElseThrow());
    assertEquals(204, database("DELETE", "").statusCode());
    assertEquals(404, database("GET", "").statusCode());
    assertEquals(400, database("PUT", "{}").statusCode());
    assertEquals(1, calls("").size());
  }

  @Test
  void howADatabaseStandsIsToldToNobodyWithoutTheCredential() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri("/databases/wiki")).build();

    assertEquals(401, http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
  }

  private HttpResponse<String> database(String method, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri("/databases/wiki"))
            .header("Authorization", "Bearer secret")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String credential, String key, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri(path))
            .header("Authorization", "Bearer " + credential)
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode calls(String query) throws IOException, InterruptedException {
    return JsonLines.JSON.readTree(
        http.send(
                HttpRequest.newBuilder(uri("/calls" + query)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }
}
