package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// An agent that asks without end is held up, and nobody else is.
@NullMarked
@QuarkusTest
@TestProfile(RateLimitTest.Slow.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class RateLimitTest {

  private static final int BURST = 3;
  private static final int MANY = 60;
  static final int ROOM = 4;

  /// One request a second, and few who may wait.
  public static final class Slow implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "countersign.agents.rate",
          "1",
          "countersign.agents.burst",
          Integer.toString(BURST),
          "countersign.agents.waiting",
          Integer.toString(ROOM),
          "countersign.operator.secret",
          Door.OPERATOR);
    }
  }

  @TestHTTPResource("/")
  URI base = URI.create("/");

  private static List<Door.Answer> many(Door agent) throws Exception {
    List<CompletableFuture<Door.Answer>> asked = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      asked.add(agent.later("GET", "/v1/actions?limit=1"));
    }
    List<Door.Answer> answers = new ArrayList<>();
    for (CompletableFuture<Door.Answer> each : asked) {
      answers.add(each.get(120, TimeUnit.SECONDS));
    }
    return answers;
  }

  @Test
  void anAgentThatAsksTooOftenIsToldWhenToGoOnAndTheOthersAreServed() throws Exception {
    Door nobody = Door.of(base);
    Door eager = nobody.as(nobody.key("{\"agent\": \"eager\"}").path("key").textValue());
    Door calm = nobody.as(nobody.key("{\"agent\": \"calm\"}").path("key").textValue());
    List<Door.Answer> answers = many(eager);
    List<Door.Answer> held = answers.stream().filter(it -> it.status() == 429).toList();
    assertTrue(answers.size() - held.size() >= BURST, "the burst is served");
    assertTrue(!held.isEmpty(), "more is not");
    Door.Answer first = held.getFirst();
    assertEquals("too-fast", first.problem());
    assertTrue(Integer.parseInt(first.header("retry-after")) >= 1, first.header("retry-after"));
    assertEquals("\"caller\";q=3;w=3", first.header("ratelimit-policy"));
    assertTrue(
        first.header("ratelimit").startsWith("\"caller\";r=0;t="), first.header("ratelimit"));
    for (int i = 0; i < BURST; i++) {
      assertEquals(200, calm.get("/v1/actions?limit=1").status());
    }
  }

  @Test
  void namesakesOfTwoPlatformsHaveARateEach() throws Exception {
    Door nobody = Door.of(base);
    Door eager = nobody.as(key(nobody, "acme"));
    assertTrue(many(eager).stream().anyMatch(it -> it.status() == 429));
    assertEquals(200, nobody.as(key(nobody, "other")).get("/v1/actions?limit=1").status());
  }

  private static String key(Door door, String platform) throws Exception {
    String settings = "{\"agent\": \"twin\", \"platform\": \"" + platform + "\"}";
    return door.key(settings).path("key").textValue();
  }

  @Test
  void eachOfABatchCountsAndOneThatNeverFitsIsToldSo() throws Exception {
    Door nobody = Door.of(base);
    for (String path : List.of("/v1/actions/batch", "/access/v1/evaluations")) {
      Door agent = nobody.as(nobody.key("{\"agent\": \"" + path + "\"}").path("key").textValue());
      Door.Answer never = agent.post(path, several(path, BURST + 1));
      assertEquals(400, never.status(), never::toString);
      assertEquals("too-many", never.problem());
      assertTrue(never.text("/detail").contains("ask for " + BURST + " at once"), never::toString);
      assertEquals("", never.header("retry-after"));
    }
    Door agent = nobody.as(nobody.key("{\"agent\": \"sender\"}").path("key").textValue());
    String path = "/v1/actions/batch";
    Door.Answer all = agent.post(path, several(path, BURST));
    assertEquals(200, all.status(), all::toString);
    assertTrue(all.header("ratelimit").startsWith("\"caller\";r=0;t="), all.header("ratelimit"));
    Door.Answer soon = agent.post(path, several(path, BURST));
    assertEquals(429, soon.status(), soon::toString);
    assertTrue(Integer.parseInt(soon.header("retry-after")) >= 1, soon::toString);
  }

  private static String several(String path, int count) {
    String array = Stream.generate(() -> "{}").limit(count).toList().toString();
    return path.endsWith("/batch") ? array : "{\"evaluations\": " + array + "}";
  }

  @Test
  void whoIsOnThisMachineAndNobodyInParticularIsNotHeldUp() throws Exception {
    assertTrue(many(Door.of(base)).stream().allMatch(it -> it.status() == 200));
  }
}
