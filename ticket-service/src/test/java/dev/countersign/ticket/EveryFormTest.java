package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever a page sends is taken from that page alone: not from another site, nor, where somebody
/// is signed in, without the token of their session.
@QuarkusTest
class EveryFormTest extends TicketServiceTest {

  /// Where the browser has no session yet, or none that matters.
  private static final List<String> WITHOUT_SESSION =
      List.of(
          "/sign-in",
          "/sign-in/code",
          "/sign-in/passkey",
          "/sign-in/passkey/challenge",
          "/enrol/{id}",
          "/enrol/{id}/challenge");

  private static final List<String> OF_A_SESSION =
      List.of(
          "/tickets/{id}",
          "/tickets/{id}/challenge",
          "/tickets/{id}/set",
          "/tickets/{id}/set/challenge",
          "/tickets/{id}/findings",
          "/trust/{id}/revoke",
          "/attention/holds/{id}",
          "/freezes",
          "/people/invite",
          "/people/{invitation}/confirm",
          "/people/{invitation}/revoke",
          "/people/sign-out",
          "/sign-out");

  private static final Pattern FROM_ELSEWHERE =
      Pattern.compile(
          "came from another site|did not come from your own page"
              + "|works only in the browser that asked for it");

  /// By an admin signed in by a passkey, who may do whatever a page can.
  @Test
  void nothingIsTakenFromAnotherSite() {
    List<String> wrong = new ArrayList<>();
    for (String form : all()) {
      Browser erin = signedIn(passkeyOf("erin"));
      Map<String, String> sent = Map.of("token", token(erin));
      if (form.equals("/sign-in/code")) {
        erin.post("/sign-in", Map.of("address", "zoe@acme.example"));
      }
      HttpResponse<String> foreign =
          erin.post(path(form), sent, "Origin", "https://elsewhere.example");
      if (!isRefused(foreign)) {
        wrong.add("taken from elsewhere: " + form);
      }
      if (isRefused(erin.post(path(form), sent))) {
        wrong.add("not taken from its own page: " + form);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void nothingOfASessionIsTakenWithoutItsToken() {
    List<String> taken = new ArrayList<>();
    for (String form : OF_A_SESSION) {
      Browser erin = signedIn(passkeyOf("erin"));
      for (Map<String, String> sent :
          List.of(Map.of("token", "x".repeat(43)), Map.<String, String>of())) {
        if (!isRefused(erin.post(path(form), sent))) {
          taken.add(form + " with " + sent);
        }
      }
    }
    assertEquals(List.of(), taken);
  }

  @Test
  void noFormIsLeftOut() throws Exception {
    assertEquals(new TreeSet<>(all()), forms());
  }

  private static boolean isRefused(HttpResponse<String> answer) {
    return answer.statusCode() == 403 && FROM_ELSEWHERE.matcher(answer.body()).find();
  }

  private static List<String> all() {
    return Stream.concat(WITHOUT_SESSION.stream(), OF_A_SESSION.stream()).toList();
  }

  private static String token(Browser browser) {
    return Browser.token(browser.get("/").body());
  }

  private String path(String form) {
    // Of an invitation that is none there is no form.
    String id = form.startsWith("/enrol/") ? invitation() : UUID.randomUUID().toString();
    return form.replaceFirst("holds/\\{id}", "holds/0").replaceFirst("\\{\\w+}", id);
  }

  private String invitation() {
    HttpResponse<String> invited =
        browser()
            .postJson(
                "/v1/operator/invitations",
                "{\"person\":\"dave\"}",
                "Authorization",
                "Bearer " + MailServer.OPERATOR_SECRET);
    return json(invited).path("invitation").textValue();
  }

  /// What takes a form; what an operator sends is no form, and bears a secret.
  private static Set<String> forms() throws IOException, ClassNotFoundException {
    Set<String> forms = new TreeSet<>();
    java.nio.file.Path classes = java.nio.file.Path.of("target", "classes");
    try (Stream<java.nio.file.Path> files = Files.walk(classes)) {
      for (java.nio.file.Path each :
          files.filter(file -> file.toString().endsWith(".class")).collect(Collectors.toSet())) {
        Class<?> resource =
            Class.forName(
                classes.relativize(each).toString().replaceFirst("\\.class$", "").replace('/', '.'),
                false,
                EveryFormTest.class.getClassLoader());
        Path of = resource.getAnnotation(Path.class);
        if (of == null || of.value().startsWith("/v1/")) {
          continue;
        }
        for (Method method : resource.getDeclaredMethods()) {
          if (method.isAnnotationPresent(POST.class)) {
            Path at = method.getAnnotation(Path.class);
            forms.add(template("/" + of.value() + (at == null ? "" : "/" + at.value())));
          }
        }
      }
    }
    return forms;
  }

  /// Without what a segment must look like.
  private static String template(String path) {
    return path.replaceAll("\\{(\\w+):[^/]*", "{$1}").replaceAll("/+", "/");
  }
}
