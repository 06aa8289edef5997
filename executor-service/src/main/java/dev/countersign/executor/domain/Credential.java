package dev.countersign.executor.domain;

/// Where a connector's secret is found and how it is shown to the target. The secret itself is read
/// at each use and never kept.
public record Credential(Source source, Presentation presentation) {

  public sealed interface Source {
    /// A file of this name in the folder of credentials.
    record File(String name) implements Source {}

    /// An environment variable of the executor's process.
    record Environment(String name) implements Source {}
  }

  public sealed interface Presentation {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    record Bearer() implements Presentation {}

    /// A header that holds nothing but the secret.
    record Header(String name) implements Presentation {}
  }
}
