package dev.countersign.executor.domain;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a connector may send requests to, and as whom.
///
/// @param hosts in lower case
/// @param allowPrivate whether those hosts may be inside: loopback, private or link-local
/// @param tls how both sides of a TLS connection are known; null for the platform's usual way
public record Reach(
    Set<String> hosts, boolean allowPrivate, @Nullable Credential credential, @Nullable Tls tls) {

  public Reach {
    hosts = Set.copyOf(hosts);
    hosts.forEach(UrlTemplate::plain);
    if (credential instanceof Credential.ClientCredentials it) {
      mustHold(hosts, allowPrivate, true, tls, it.tokens());
    }
  }

  /// Throws `IllegalArgumentException` with a sentence where this URL is out of reach.
  void mustHold(UrlTemplate url) {
    mustHold(hosts, allowPrivate, credential != null, tls, url);
  }

  private static void mustHold(
      Set<String> hosts,
      boolean allowPrivate,
      boolean withSecret,
      @Nullable Tls tls,
      UrlTemplate url) {
    if (!hosts.contains(url.host())) {
      throw new IllegalArgumentException(
          "the URL's host " + url.host() + " is not among hosts; add it there if it is meant");
    }
    if (tls != null && !url.tls()) {
      throw new IllegalArgumentException("tls: is for an https URL, and so is the token's");
    }
    // Inside, the operator may well have no certificates; outside, whoever is on the way reads it.
    if (withSecret && !url.tls() && !allowPrivate) {
      throw new IllegalArgumentException(
          "a credential goes over https only; write https://"
              + url.host()
              + ", or allowPrivate: true where it is inside");
    }
  }
}
