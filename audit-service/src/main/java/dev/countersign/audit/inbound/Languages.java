package dev.countersign.audit.inbound;

import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import java.util.Locale;

/// The languages that there are words in. English ones stand in the bundles, German ones in
/// `messages/`.
final class Languages {

  /// The first where a reader asks for none of them.
  private static final List<Locale> ALL = List.of(Locale.ENGLISH, Locale.GERMAN);

  private Languages() {}

  /// The language of a request (RFC 9110 §12.5.4).
  static Locale of(HttpHeaders request) {
    return request.getAcceptableLanguages().stream()
        .map(wanted -> Locale.forLanguageTag(wanted.getLanguage()))
        .filter(ALL::contains)
        .findFirst()
        .orElse(ALL.getFirst());
  }

  /// The words of a bundle in a language.
  static <T> T words(Class<T> bundle, Locale language) {
    return language.equals(ALL.getFirst())
        ? MessageBundles.get(bundle)
        : MessageBundles.get(bundle, Localized.Literal.of(language.toLanguageTag()));
  }
}
