package dev.countersign.ticket.application;

import dev.countersign.events.Assertion;
import dev.countersign.ticket.domain.PasskeyRefusal;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Checks that a confirmed passkey signed a challenge, and notes its use.
@ApplicationScoped
class CheckAssertion {

  private static final Logger LOG = Logger.getLogger(CheckAssertion.class);

  /// What came of it.
  sealed interface Result {
    record Signed(String approver, Assertion assertion) implements Result {}

    record Refused(PasskeyRefusal refusal) implements Result {}
  }

  private final Mutiny.SessionFactory database;
  private final Passkeys passkeys;
  private final WebAuthn webAuthn;

  @Inject
  CheckAssertion(Mutiny.SessionFactory database, Passkeys passkeys, WebAuthn webAuthn) {
    this.database = database;
    this.passkeys = passkeys;
    this.webAuthn = webAuthn;
  }

  /// @param expected whose passkey it must be; null: anybody's
  Uni<Result> check(byte[] challenge, AssertionResponse response, @Nullable String expected) {
    return database
        .withStatelessTransaction(session ->
            passkeys
                .lockConfirmed(session, response.id())
                .chain(held -> check(session, challenge, response, expected, held)))
        .invoke(result -> {
          if (result instanceof Result.Refused refused) {
            LOG.warnf(
                "Passkey refused approver=%s reason=%s",
                expected == null ? "unknown" : expected, refused.refusal().code());
          }
        });
  }

  private Uni<Result> check(
      Mutiny.StatelessSession session,
      byte[] challenge,
      AssertionResponse response,
      @Nullable String expected,
      Optional<Passkeys.Held> held) {
    if (held.isEmpty() || (expected != null && !expected.equals(held.get().approver()))) {
      return Uni.createFrom().item(new Result.Refused(PasskeyRefusal.NOT_YOURS));
    }
    String approver = held.get().approver();
    return webAuthn
        .check(challenge, response, held.get().credential())
        .chain(checked ->
            switch (checked) {
              case WebAuthn.Checked.Holds holds ->
                  passkeys
                      .used(session, response.id(), holds.signCount())
                      .replaceWith(new Result.Signed(approver, holds.assertion()));
              case WebAuthn.Checked.Fails fails ->
                  Uni.createFrom().item(new Result.Refused(fails.refusal()));
            });
  }
}
