package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// A browser without script: keeps cookies, follows redirects, submits forms as they stand on the
/// page.
public final class Browser {

  private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
  private final HttpClient http = client(HttpClient.Redirect.NORMAL);
  private final HttpClient staying = client(HttpClient.Redirect.NEVER);

  /// A page as it came, and the status it came with.
  public record Page(int status, Document document) {

    /// The form with an element that this CSS query finds; throws where there is none.
    public Element form(String query) {
      Element found = findForm(query);
      if (found == null) {
        throw new IllegalStateException("no form with " + query + " on: " + document.text());
      }
      return found;
    }

    /// The same, or null.
    public @Nullable Element findForm(String query) {
      return document.select("form").stream()
          .filter(form -> !form.select(query).isEmpty())
          .findFirst()
          .orElse(null);
    }
  }

  private HttpClient client(HttpClient.Redirect redirect) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .cookieHandler(cookies)
        .followRedirects(redirect)
        .connectTimeout(Duration.ofSeconds(5))
        .build();
  }

  public Page open(URI address) {
    return send(http, HttpRequest.newBuilder(address).header("accept", "text/html").build());
  }

  public JsonNode json(URI address) {
    HttpRequest request = HttpRequest.newBuilder(address).build();
    return EventJson.readTree(answer(http, request).body().getBytes(StandardCharsets.UTF_8));
  }

  /// Submits a form with its own values, these in place of them, and the button that was pressed.
  public Page submit(Element form, Map<String, String> typed) {
    return send(http, request(form, typed));
  }

  /// The same, made ready now and sent when it is called, without going where the answer points to.
  /// It says the answer's status, and holds nothing of the page.
  public IntSupplier readyToSubmit(Element form, Map<String, String> typed) {
    HttpRequest request = request(form, typed);
    return () -> answer(staying, request).statusCode();
  }

  /// What a page's script does before it submits: posts the form to the address that this attribute
  /// of it names, and reads JSON.
  public JsonNode ask(Element form, String attribute, Map<String, String> typed) {
    HttpRequest asking =
        HttpRequest.newBuilder(
                request(form, URI.create(form.absUrl(attribute)), typed),
                (name, _) -> !name.equals("accept"))
            .header("accept", "application/json")
            .build();
    HttpResponse<String> answer = answer(staying, asking);
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          asking.uri() + " says " + answer.statusCode() + " " + answer.body());
    }
    return EventJson.readTree(answer.body().getBytes(StandardCharsets.UTF_8));
  }

  private static HttpRequest request(Element form, Map<String, String> typed) {
    URI page = URI.create(form.ownerDocument() == null ? "" : form.baseUri());
    String action = form.absUrl("action");
    return request(form, action.isEmpty() ? page : URI.create(action), typed);
  }

  private static HttpRequest request(Element form, URI target, Map<String, String> typed) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Element input : form.select("input[name], textarea[name], select[name]")) {
      boolean pressed = input.attr("type").equals("submit");
      boolean unchecked =
          (input.attr("type").equals("radio") || input.attr("type").equals("checkbox"))
              && !input.hasAttr("checked");
      if (!pressed && !unchecked) {
        values.put(input.attr("name"), input.val());
      }
    }
    values.putAll(typed);
    String body =
        values.entrySet().stream()
            .map(each -> encode(each.getKey()) + "=" + encode(each.getValue()))
            .collect(Collectors.joining("&"));
    return HttpRequest.newBuilder(target)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("origin", target.getScheme() + "://" + target.getAuthority())
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static Page send(HttpClient client, HttpRequest request) {
    HttpResponse<String> answer = answer(client, request);
    return new Page(answer.statusCode(), Jsoup.parse(answer.body(), answer.uri().toString()));
  }

  private static HttpResponse<String> answer(HttpClient client, HttpRequest request) {
    try {
      return client.send(
          HttpRequest.newBuilder(request, (_, _) -> true).timeout(Duration.ofMinutes(2)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(request.uri() + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
