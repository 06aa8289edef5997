package dev.countersign.ticket.application;

import dev.countersign.events.Assertion;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.PasskeyRefusal;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;

/// Checks what passkeys give (W3C WebAuthn Level 3 §7), user verification always required.
public interface WebAuthn {

  /// How long a person may take.
  Duration PATIENCE = Duration.ofMinutes(5);

  /// The COSE numbers of the algorithms that are taken, ES256 and RS256: every authenticator has
  /// one of them, and every verifier of an attestation knows both.
  List<Integer> ALGORITHMS = List.of(-7, -257);

  /// What came of a check.
  sealed interface Checked {
    /// It is what this credential signs for that challenge on a page of ours.
    record Holds(Assertion assertion, long signCount) implements Checked {}

    record Fails(PasskeyRefusal refusal) implements Checked {}
  }

  /// What came of the making of a passkey.
  sealed interface Registered {
    record Made(Credential credential) implements Registered {}

    record Fails(PasskeyRefusal refusal) implements Registered {}
  }

  /// The id of the relying party that we are: the host of the pages.
  String rpId();

  /// Checks an assertion against the challenge that the server made anew and the credential with
  /// the count from before (§7.2).
  Uni<Checked> check(byte[] challenge, AssertionResponse response, Credential credential);

  /// Checks a new credential (§7.1). Whatever it says about its maker is not looked at: people are
  /// vouched for by people.
  Uni<Registered> register(byte[] challenge, RegistrationResponse response);
}
