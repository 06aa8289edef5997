package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Tls;
import dev.countersign.executor.domain.UrlTemplate;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads of an entry where its requests may go and as whom.
final class CredentialEntry {

  private CredentialEntry() {}

  static Reach reach(Entry entry) {
    Set<String> hosts = new HashSet<>();
    for (JsonNode host : entry.json().path("hosts")) {
      hosts.add(
          new Entry(host, entry.pointer() + "/hosts", entry.environment())
              .expanded()
              .toLowerCase(Locale.ROOT));
    }
    return entry.in(() ->
        new Reach(
            hosts,
            entry.json().path("allowPrivate").booleanValue(),
            credential(entry.part("credential")),
            tls(entry.part("tls"))));
  }

  private static @Nullable Credential credential(Entry entry) {
    if (!entry.isThere()) {
      return null;
    }
    Entry oauth = entry.part("oauth");
    if (oauth.isThere()) {
      Entry url = oauth.part("url");
      return oauth.in(() ->
          new Credential.ClientCredentials(
              url.in(() -> UrlTemplate.of(url.expanded())),
              oauth.part("client").expanded(),
              source(oauth.json().path("secret")),
              oauth.findText("scope").orElse(null),
              oauth.findText("resource").orElse(null)));
    }
    return new Credential.Secret(
        source(entry.json()),
        entry.text("as").equals("header")
            ? new Credential.Presentation.Header(entry.text("header"))
            : new Credential.Presentation.Bearer());
  }

  private static @Nullable Tls tls(Entry entry) {
    if (!entry.isThere()) {
      return null;
    }
    Entry identity = entry.part("identity");
    return new Tls(
        identity.isThere() ? identity(identity) : null, entry.findText("trust").orElse(null));
  }

  private static Tls.Identity identity(Entry entry) {
    return entry.json().has("pkcs12")
        ? new Tls.Identity.Pkcs12(entry.text("pkcs12"), source(entry.json().path("password")))
        : new Tls.Identity.Pem(entry.text("certificate"), entry.text("key"));
  }

  static Credential.Source source(JsonNode json) {
    if (json.has("file")) {
      return new Credential.Source.File(json.path("file").textValue());
    }
    return json.has("env")
        ? new Credential.Source.Environment(json.path("env").textValue())
        : new Credential.Source.Provided(
            json.path("provided").textValue(), json.path("member").asText("password"));
  }
}
