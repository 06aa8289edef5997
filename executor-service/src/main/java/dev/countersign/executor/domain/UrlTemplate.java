package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a connector sends to. Scheme, host and port are the operator's words alone: no parameter
/// can steer where the request goes. Path and query may hold placeholders, percent-encoded to the
/// unreserved characters (RFC 3986 §2.3).
public final class UrlTemplate {

  private static final Pattern FORM = Pattern.compile("(https?)://([^/?#]+)(/[^?#]*)?(\\?[^#]*)?");
  private static final Pattern NUMERIC_LABEL = Pattern.compile("(0[xX][0-9a-fA-F]*|[0-9]+)");
  private static final Pattern DOTTED_QUAD =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern TRAVERSAL =
      Pattern.compile("(^|.*[/\\\\])\\.{1,2}([/\\\\].*|$)", Pattern.DOTALL);

  private final boolean tls;
  private final String host;
  private final int port;
  private final List<Template> segments;
  private final @Nullable Template query;

  private UrlTemplate(
      boolean tls, String host, int port, List<Template> segments, @Nullable Template query) {
    this.tls = tls;
    this.host = host;
    this.port = port;
    this.segments = List.copyOf(segments);
    this.query = query;
  }

  /// Throws `IllegalArgumentException` with a sentence where the URL is none, or where a host hides
  /// an address in another spelling than the plain one.
  public static UrlTemplate of(String text) {
    // A placeholder's ? marks it as optional; in a URL there is nothing to leave out.
    if (text.contains("?}")) {
      throw new IllegalArgumentException("a URL has no optional placeholders; drop the ?");
    }
    Matcher url = FORM.matcher(text);
    if (!url.matches()) {
      throw new IllegalArgumentException(
          "write the URL as http(s)://host[:port]/path?query, without a fragment");
    }
    String authority = url.group(2);
    if (authority.contains("$")) {
      throw new IllegalArgumentException(
          "the host can't come from a parameter; write one connector for each host");
    }
    if (authority.contains("@")) {
      throw new IllegalArgumentException("credentials don't stand in the URL; use credential:");
    }
    boolean tls = url.group(1).equals("https");
    URI parsed = uri(url.group(1) + "://" + authority);
    String host = parsed.getHost();
    if (host == null) {
      throw new IllegalArgumentException("the URL's host is no host name: " + authority);
    }
    host = host.toLowerCase(Locale.ROOT);
    plain(host);
    int port = parsed.getPort() >= 0 ? parsed.getPort() : tls ? 443 : 80;
    List<Template> segments = new ArrayList<>();
    String path = url.group(3) == null ? "/" : url.group(3);
    for (String segment : path.substring(1).split("/", -1)) {
      if (TRAVERSAL.matcher(segment).matches()) {
        throw new IllegalArgumentException("the path has a . or .. segment; write it out");
      }
      segments.add(literalsEncoded(segment));
    }
    Template query = url.group(4) == null ? null : literalsEncoded(url.group(4).substring(1));
    return new UrlTemplate(tls, host, port, segments, query);
  }

  private static Template literalsEncoded(String text) {
    Template template = Template.of(text);
    uri("http://host/" + text.replaceAll("\\$\\{[^}]*}", "x"));
    return template;
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the URL has characters that must be percent-encoded", e);
    }
  }

  /// Resolvers read 2130706433, 0x7f.1 and 127.1 as addresses (WHATWG URL §3.5); a list of hosts
  /// that people review must not.
  static void plain(String host) {
    String last = host.substring(host.lastIndexOf('.') + 1);
    if (NUMERIC_LABEL.matcher(last).matches() && !DOTTED_QUAD.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "write an IPv4 address as four decimal numbers, not as " + host);
    }
  }

  public boolean tls() {
    return tls;
  }

  public String host() {
    return host;
  }

  public int port() {
    return port;
  }

  /// Whether no parameter can change it.
  boolean isFixed() {
    return segments.stream().noneMatch(Template::hasPlaceholder)
        && (query == null || !query.hasPlaceholder());
  }

  /// Throws `IllegalArgumentException` where a parameter could change it.
  void mustBeFixed() {
    if (!isFixed()) {
      throw new IllegalArgumentException("no parameter of an action belongs in this URL");
    }
  }

  /// The request target of a URL without placeholders.
  public String target() {
    mustBeFixed();
    try {
      return target(MissingNode.getInstance());
    } catch (Unfit e) {
      throw new IllegalStateException("there is nothing to fill in", e);
    }
  }

  /// The request target for these parameters: path and query.
  String target(JsonNode params) throws Unfit {
    StringBuilder target = new StringBuilder();
    for (Template segment : segments) {
      if (segment.hasPlaceholder()) {
        String plain = segment.render(params, UnaryOperator.identity());
        // An encoded slash or dot is decoded again by many servers, before they route; and what is
        // no character of a name, they cut off or leave out.
        if (plain.isEmpty()
            || TRAVERSAL.matcher(plain).matches()
            || plain.chars().anyMatch(Character::isISOControl)) {
          throw new Unfit(
              "parameter-unfit", "a parameter in the URL's path is empty or would lead elsewhere");
        }
      }
      target.append('/').append(segment.render(params, UrlTemplate::encode));
    }
    if (query != null) {
      target.append('?').append(query.render(params, UrlTemplate::encode));
    }
    return target.toString();
  }

  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
