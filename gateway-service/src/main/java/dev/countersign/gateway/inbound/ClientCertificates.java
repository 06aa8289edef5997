package dev.countersign.gateway.inbound;

import dev.countersign.gateway.domain.Caller;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Client certificates as agents' credentials. TLS has verified the chain by then; what stands here
/// is which part of a certificate names the agent. TLS that ends at a proxy brings no certificate
/// here, and no header stands for one.
@ApplicationScoped
class ClientCertificates implements HttpServerOptionsCustomizer {

  /// What names the agent.
  enum Naming {
    /// The subject's common name.
    CN,
    /// The one URI of the subject's alternative names, as a SPIFFE id is.
    URI,
    /// The one DNS name among them.
    DNS
  }

  // RFC 5280 §4.2.1.6
  private static final int DNS_NAME = 2;
  private static final int URI_NAME = 6;

  private final Optional<Naming> naming;

  @Inject
  ClientCertificates(
      @ConfigProperty(name = "countersign.agents.certificate") Optional<String> naming) {
    this.naming = naming.map(it -> Naming.valueOf(it.strip().toUpperCase(Locale.ROOT)));
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    // Asked for and not demanded: an agent may have another credential, and a probe has none.
    options.setClientAuth(naming.isPresent() ? ClientAuth.REQUEST : ClientAuth.NONE);
  }

  /// The agent that the client's certificate names; empty where it sent none. Throws
  /// `IllegalArgumentException` with a sentence where it names none, or several.
  Optional<Caller.Known> agent(HttpServerRequest request) {
    SSLSession session = request.sslSession();
    if (naming.isEmpty() || session == null) {
      return Optional.empty();
    }
    try {
      X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
      return Optional.of(new Caller.Known(name(certificate, naming.get()), null, null));
    } catch (SSLPeerUnverifiedException _) {
      // The client sent none.
      return Optional.empty();
    }
  }

  static String name(X509Certificate certificate, Naming naming) {
    List<String> names =
        switch (naming) {
          case CN -> commonNames(certificate);
          case URI -> alternativeNames(certificate, URI_NAME);
          case DNS -> alternativeNames(certificate, DNS_NAME);
        };
    if (names.size() != 1 || names.getFirst().isBlank()) {
      throw new IllegalArgumentException(
          "the client certificate has "
              + (names.isEmpty() ? "no" : "more than one")
              + " name of the kind "
              + naming
              + "; an agent's has exactly one");
    }
    return names.getFirst();
  }

  private static List<String> commonNames(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      for (Rdn each : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (each.getType().equalsIgnoreCase("CN") && each.getValue() instanceof String text) {
          names.add(text);
        }
      }
      return names;
    } catch (InvalidNameException e) {
      throw new IllegalArgumentException("the client certificate's subject can't be read", e);
    }
  }

  private static List<String> alternativeNames(X509Certificate certificate, int kind) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null
          ? List.of()
          : all.stream()
              .filter(each -> each.getFirst().equals(kind))
              .map(each -> each.get(1).toString())
              .toList();
    } catch (CertificateParsingException e) {
      throw new IllegalArgumentException("the client certificate's names can't be read", e);
    }
  }
}
