package dev.countersign.ticket.inbound;

import dev.countersign.events.Answer;
import dev.countersign.events.Digest;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.application.SignIn;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the form of a ticket's page.
final class BallotForm {

  /// What the inputs are called in which a field's value is typed, before its position.
  static final String TYPED = "typed-";

  /// Where `/passkey.js` puts the ceremony, and what the passkey gave for it.
  static final String CEREMONY = "ceremony";

  static final String ASSERTION = "assertion";

  /// A rejection by one who did not expect to be asked.
  private static final String UNEXPECTED = "unexpected";

  private static final int LONGEST_REASON = 1_000;

  private BallotForm() {}

  /// The answer as it was given, worth what the session is; empty where no page of ours wrote that.
  static Optional<CastVote.Ballot> ballot(
      SignIn.Signed signed, MultivaluedMap<String, String> form) {
    String said = form.getFirst("answer");
    Answer answer =
        switch (said == null ? "" : said) {
          case "approve" -> Answer.APPROVE;
          case "reject", UNEXPECTED -> Answer.REJECT;
          default -> null;
        };
    String version = form.getFirst("version");
    String shown = form.getFirst("shown");
    if (answer == null || version == null || shown == null) {
      return Optional.empty();
    }
    Map<Integer, String> typed = new HashMap<>();
    try {
      form.forEach((name, values) -> {
        if (name.startsWith(TYPED)) {
          typed.put(Integer.valueOf(name.substring(TYPED.length())), values.getFirst());
        }
      });
      return Optional.of(
          new CastVote.Ballot(
              signed.approver(),
              signed.began().assurance(),
              answer,
              Integer.parseInt(version),
              new Digest(shown),
              typed,
              reason(form.getFirst("reason")),
              null,
              signed.passkey(),
              // A no permits nothing, whatever else stands in the form.
              answer == Answer.APPROVE ? TrustView.wish(form).orElse(null) : null));
    } catch (IllegalArgumentException e) {
      // A number or digest that no page of ours wrote.
      return Optional.empty();
    }
  }

  /// Whether whoever rejects did not expect this, and wants nothing further from where it came.
  static boolean isUnexpected(MultivaluedMap<String, String> form) {
    return UNEXPECTED.equals(form.getFirst("answer"));
  }

  static @Nullable String reason(@Nullable String said) {
    if (said == null || said.isBlank()) {
      return null;
    }
    String reason = said.strip().replace("\r\n", "\n");
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
  }
}
