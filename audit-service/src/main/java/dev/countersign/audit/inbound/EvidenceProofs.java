package dev.countersign.audit.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.application.NamedKey;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.EvidenceFile;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/// The document's last pages: what it takes to compare it with the log.
final class EvidenceProofs {

  private final PdfSheet sheet;
  private final EvidenceWords words;
  private final EvidenceFile file;

  EvidenceProofs(PdfSheet sheet, EvidenceWords words, EvidenceFile file) {
    this.sheet = sheet;
    this.words = words;
    this.file = file;
  }

  void write() throws IOException {
    sheet.heading(words.entries());
    for (EvidenceFile.Item each : file.entries()) {
      JsonNode leaf = EventJson.readTree(Base64.getDecoder().decode(each.leaf()));
      sheet.fact(
          each.index() + " · " + each.topic(),
          leaf.path("time").asText() + (each.erased() ? " · " + words.erased() : ""));
    }
    sheet.heading(words.proofs());
    sheet.text(words.proofsSay());
    for (EvidenceFile.Item each : file.entries()) {
      byte[] leaf = Base64.getDecoder().decode(each.leaf());
      sheet.code(each.index() + " · " + each.topic(), Hash.ofLeaf(leaf).hex());
    }
    sheet.subheading(words.checkpoint());
    sheet.mono(file.checkpoint().strip());
    cosignatures();
    sheet.heading(words.keys());
    for (NamedKey each : NamedKey.of(file.keys())) {
      sheet.subheading(role(each.role()) + " · " + each.name());
      sheet.mono(each.fingerprint());
      sheet.mono(each.spelling());
    }
  }

  private void cosignatures() throws IOException {
    Note note = Note.read(file.checkpoint().getBytes(UTF_8));
    boolean any = false;
    for (String each : file.keys().witnesses()) {
      VerifierKey witness = VerifierKey.read(each);
      Optional<Instant> at = witness.cosigned(note);
      if (at.isPresent()) {
        sheet.text(words.cosigned(witness.name(), EvidenceSummary.moment(at.get())));
        any = true;
      }
    }
    if (!any) {
      sheet.text(words.notCosigned());
    }
  }

  private String role(NamedKey.Role role) {
    return switch (role) {
      case LOG -> words.logKey();
      case WITNESS -> words.witnessKey();
      case ATTESTATION -> words.attestationKey();
    };
  }
}
