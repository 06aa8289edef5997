package dev.countersign.ticket;

import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One browser with its cookies: it opens pages, and fills in the forms that stand in them.
public final class Browser {

  private static final Pattern HIDDEN =
      Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">");
  private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"([^\"]+)\"");
  private static final Pattern LABEL = Pattern.compile("<label for=\"([^\"]+)\">([^<]+)");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
          .build();
  private final URI base;

  public Browser(URI base) {
    this.base = base;
  }

  public HttpResponse<String> get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).GET();
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  public HttpResponse<String> post(String path, Map<String, String> form, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    form.entrySet().stream()
                        .map(each -> encode(each.getKey()) + "=" + encode(each.getValue()))
                        .collect(Collectors.joining("&"))));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  public HttpResponse<String> postJson(String path, String json, String... headers) {
    return send(
        HttpRequest.newBuilder(base.resolve(path))
            .header("Content-Type", "application/json")
            .headers(headers)
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  /// Signs in with the code that is mailed, and sees the page that was wanted.
  public HttpResponse<String> signIn(MailServer.Mails mails, String address, String then) {
    mails.clear();
    post("/sign-in", Map.of("address", address, "then", then));
    return post("/sign-in/code", Map.of("code", mails.code(address), "then", then));
  }

  /// The form of a ticket's page as it stands there, with an answer pressed.
  public static Map<String, String> form(String page, String answer) {
    Map<String, String> form = new LinkedHashMap<>();
    String body = page.substring(page.indexOf("class=\"answer\""));
    Matcher hidden = HIDDEN.matcher(body);
    while (hidden.find()) {
      form.put(hidden.group(1), hidden.group(2));
    }
    form.put("answer", answer);
    return form;
  }

  /// What says that a form comes from a page of this session.
  public static String token(String page) {
    Matcher token = TOKEN.matcher(page);
    if (token.find()) {
      return token.group(1);
    }
    throw new AssertionError("no token in " + page);
  }

  /// The name of the input that this label belongs to.
  public static String labelled(String page, String label) {
    Matcher labels = LABEL.matcher(page);
    while (labels.find()) {
      if (labels.group(2).contains(label)) {
        return labels.group(1);
      }
    }
    throw new AssertionError("no label " + label + " in " + page);
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
