package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.PasskeyRefusal;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Signing in by a passkey: whichever the person picks says who they are.
@ApplicationScoped
public class SignInByPasskey {

  private static final int MOST_CEREMONIES = 200;

  /// What came of asking.
  public sealed interface Begun {
    /// What the page hands to the browser.
    record Asked(CeremonyId ceremony, RequestOptions publicKey) implements Begun {}

    /// Too many were begun from there.
    record TooMany() implements Begun {}
  }

  /// What came of an assertion.
  public sealed interface Entering {
    /// `session` is for a cookie.
    record Entered(String session) implements Entering {}

    record Refused(PasskeyRefusal refusal) implements Entering {}
  }

  private final Mutiny.SessionFactory database;
  private final Ceremonies ceremonies;
  private final HoldCeremony hold;
  private final CheckAssertion check;
  private final Passkeys passkeys;
  private final WebAuthn webAuthn;
  private final Roster roster;
  private final SignIn signIn;

  @Inject
  SignInByPasskey(
      Mutiny.SessionFactory database,
      Ceremonies ceremonies,
      HoldCeremony hold,
      CheckAssertion check,
      Passkeys passkeys,
      WebAuthn webAuthn,
      Roster roster,
      SignIn signIn) {
    this.database = database;
    this.ceremonies = ceremonies;
    this.hold = hold;
    this.check = check;
    this.passkeys = passkeys;
    this.webAuthn = webAuthn;
    this.roster = roster;
    this.signIn = signIn;
  }

  /// @param remote the address that it is asked for from
  public Uni<Begun> begin(String remote) {
    Ceremonies.Ceremony ceremony = hold.make(Ceremonies.Purpose.SIGN_IN, remote, "");
    Begun asked =
        new Begun.Asked(
            ceremony.id(), RequestOptions.of(ceremony.nonceBytes(), webAuthn.rpId(), List.of()));
    return database.withStatelessTransaction(session ->
        ceremonies
            .count(session, Ceremonies.Purpose.SIGN_IN, remote)
            .chain(begun ->
                begun >= MOST_CEREMONIES
                    ? Uni.createFrom().item(new Begun.TooMany())
                    : ceremonies.put(session, ceremony).replaceWith(asked)));
  }

  /// Takes what the passkey gave. The ceremony is used up, whatever comes of it.
  public Uni<Entering> enter(@Nullable String ceremony, @Nullable String assertion) {
    Optional<AssertionResponse> response = AssertionResponse.parse(assertion);
    return hold.take(ceremony, Ceremonies.Purpose.SIGN_IN)
        .chain(taken -> {
          if (taken.isEmpty()) {
            return refused(PasskeyRefusal.CEREMONY_OVER);
          }
          if (response.isEmpty()) {
            return refused(PasskeyRefusal.UNREADABLE);
          }
          return check.check(taken.get().nonceBytes(), response.get(), null).chain(this::enter);
        });
  }

  private Uni<Entering> enter(CheckAssertion.Result result) {
    return switch (result) {
      case CheckAssertion.Result.Signed signed ->
          roster.find(signed.approver()).isPresent()
              ? begin(signed)
              : refused(PasskeyRefusal.NOT_YOURS);
      case CheckAssertion.Result.Refused refused -> refused(refused.refusal());
    };
  }

  /// In one transaction with a look whether the passkey still counts: whoever revokes it ends the
  /// sessions that it began, and would not see one that begins a moment later.
  private Uni<Entering> begin(CheckAssertion.Result.Signed signed) {
    String passkey = signed.assertion().credentialId();
    return database.withStatelessTransaction(session ->
        passkeys
            .share(session, Set.of(passkey))
            .chain(counts ->
                counts.isEmpty()
                    ? refused(PasskeyRefusal.NOT_YOURS)
                    : signIn
                        .begin(
                            session,
                            new Sessions.Holder(signed.approver(), Began.PASSKEY, passkey, null))
                        .map(Entering.Entered::new)));
  }

  private static Uni<Entering> refused(PasskeyRefusal refusal) {
    return Uni.createFrom().item(new Entering.Refused(refusal));
  }
}
