package dev.countersign.executor.domain;

import org.jspecify.annotations.Nullable;

/// How a connector shows a target who it is. Secrets are named and not held: they are read at each
/// use and never kept.
public sealed interface Credential {

  /// The secret itself goes to the target.
  record Secret(Source source, Presentation presentation) implements Credential {}

  /// The secret goes to an authorization server, which gives an access token for it (RFC 6749
  /// §4.4); the token goes to the target (RFC 6750 §2.1).
  ///
  /// @param tokens where tokens are given out; without placeholders
  /// @param resource the target as the authorization server knows it (RFC 8707)
  record ClientCredentials(
      UrlTemplate tokens,
      String clientId,
      Source secret,
      @Nullable String scope,
      @Nullable String resource)
      implements Credential {

    public ClientCredentials {
      tokens.mustBeFixed();
    }
  }

  sealed interface Source {
    /// A file of this name in the folder of credentials.
    record File(String name) implements Source {}

    /// An environment variable of the executor's process.
    record Environment(String name) implements Source {}

    /// A member of what a credentials provider, such as Vault, has under this name.
    record Provided(String name, String key) implements Source {}
  }

  sealed interface Presentation {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    record Bearer() implements Presentation {}

    /// A header that holds nothing but the secret.
    record Header(String name) implements Presentation {
      public Header {
        HeadersTemplate.mustBeTheOperators(name);
      }
    }
  }
}
