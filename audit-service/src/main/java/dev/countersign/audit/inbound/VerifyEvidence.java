package dev.countersign.audit.inbound;

import dev.countersign.audit.domain.EvidenceVerifier;
import dev.countersign.audit.domain.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// `java -cp … dev.countersign.audit.inbound.VerifyEvidence FILE` checks an evidence file offline:
/// exit 0, or 1 and the first thing that is wrong.
public final class VerifyEvidence {

  private VerifyEvidence() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("Name one evidence file, as GET /v1/evidence/{actionId} gave it.");
      System.exit(2);
    }
    Optional<Fault> fault = EvidenceVerifier.check(Files.readAllBytes(Path.of(arguments[0])));
    System.out.println(fault.map(Fault::toString).orElse("verified"));
    System.exit(fault.isPresent() ? 1 : 0);
  }
}
