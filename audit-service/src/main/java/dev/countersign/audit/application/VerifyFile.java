package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.EvidenceFile;
import dev.countersign.verifier.Finding;
import dev.countersign.verifier.KeySet;
import dev.countersign.verifier.TrustedKeys;
import dev.countersign.verifier.Verification;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import org.jboss.logging.Logger;

/// Verifies a file by the keys that this service has, never by those that the file names.
@ApplicationScoped
public class VerifyFile {

  private static final Logger LOG = Logger.getLogger(VerifyFile.class);

  private final LogKey log;
  private final Witness witness;
  private final TicketKeys tickets;

  @Inject
  VerifyFile(LogKey log, Witness witness, TicketKeys tickets) {
    this.log = log;
    this.witness = witness;
    this.tickets = tickets;
  }

  /// The public keys of this service, of its witnesses, and of the ticket service. It may block.
  public EvidenceFile.Keys keys() {
    return new EvidenceFile.Keys(log.publicKey().toString(), witness.keys(), tickets.known());
  }

  /// What the file proves. It may block.
  public Finding verify(byte[] file) {
    askForKeyOf(file);
    return verify(file, keys());
  }

  /// What the file proves, given these keys.
  public static Finding verify(byte[] file, EvidenceFile.Keys keys) {
    List<VerifierKey> witnesses = keys.witnesses().stream().map(VerifierKey::read).toList();
    KeySet set =
        keys.jwks().path("keys").isEmpty()
            ? null
            : KeySet.read(keys.jwks().toString().getBytes(UTF_8));
    return Verification.of(file, new TrustedKeys(set, VerifierKey.read(keys.log()), witnesses));
  }

  /// A key that is newer than what was fetched last is fetched, once for a file.
  private void askForKeyOf(byte[] file) {
    try {
      JsonNode first = EventJson.readTree(file).at("/attestations/0");
      if (!first.isMissingNode()) {
        tickets.signed(EventJson.read(first, DsseEnvelope.class));
      }
    } catch (IllegalArgumentException e) {
      // Whatever it is, the verifier says what is wrong with it.
      LOG.debugf("Not read as evidence cause=%s", e.toString());
    } catch (IOException e) {
      LOG.warnf("The ticket service's keys can't be had cause=%s", e.toString());
    }
  }
}
