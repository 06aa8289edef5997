package dev.countersign.audit.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of the page that verifies a file.
@MessageBundle("verify")
interface VerifyWords {

  @Message("Verify evidence")
  String title();

  @Message("Does this file prove what it says?")
  String heading();

  @Message(
      "Choose the evidence file of an action, an attestation, or a decision, or drop it on the field. It is read, judged and forgotten: nothing of it is kept.")
  String lead();

  @Message("Evidence file (JSON, at most 16 MiB)")
  String file();

  @Message("From a PDF of ours, take the file that is attached to it.")
  String fromPdf();

  @Message("Verify")
  String verify();

  @Message("Verified")
  String proven();

  @Message("Not verified")
  String wrong();

  @Message("Could not be verified")
  String notVerifiable();

  @Message("File {name}")
  String ofFile(String name);

  @Message("SHA-256 of the file")
  String digest();

  @Message("The verifier speaks English:")
  String english();

  @Message("No file was chosen.")
  String noFile();

  @Message("Too many files are being verified at the moment. Try again in a moment.")
  String busy();

  @Message("By which keys")
  String keys();

  @Message(
      "The keys that this server has. Compare their fingerprints with those that you have from elsewhere.")
  String keysSay();

  @Message("The log’s checkpoints")
  String log();

  @Message("The witness’s cosignatures")
  String witness();

  @Message("People’s attested votes")
  String attestation();

  @Message("No witness is named to this server, so no cosignature is asked for.")
  String noWitness();

  @Message("The ticket service’s keys can’t be had at the moment, so no votes can be verified.")
  String noAttestation();

  @Message("Fingerprint (SHA-256 over the SubjectPublicKeyInfo)")
  String fingerprint();

  @Message("If you do not trust this server")
  String distrust();

  @Message(
      "This page is this server’s word, by this server’s keys. It can’t show you that the server itself is honest. The command can: it runs on your own machine, offline, with keys that you have from elsewhere.")
  String distrustSay();

  @Message("To the content")
  String skip();
}
