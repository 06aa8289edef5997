package dev.countersign.ticket.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.ticket.application.SignBallot;
import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.PasskeyRefusal;
import dev.countersign.ticket.domain.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;

/// Says a refusal in the reader's language.
@ApplicationScoped
class Refusals {

  private final Pages pages;

  @Inject
  Refusals(Pages pages) {
    this.pages = pages;
  }

  String sentence(Refusal refusal) {
    RefusalWords words = pages.words(RefusalWords.class);
    return switch (refusal) {
      case ALREADY_DECIDED -> words.alreadyDecided();
      case NOT_ELIGIBLE -> words.notEligible();
      case OWN_REQUEST -> words.ownRequest();
      case TOO_WEAK -> words.tooWeak();
      case PASSKEY_REVOKED -> words.passkeyRevoked();
      case STALE -> words.stale();
      case NOT_CONFIRMED -> words.notConfirmed();
      case TRUST_TOO_WIDE -> words.trustTooWide();
      case NOT_TRUSTED -> words.notTrusted();
      case HELD -> words.held();
      case TOO_SOON -> words.tooSoon();
    };
  }

  String sentence(PasskeyRefusal refusal) {
    PasskeyWords words = pages.words(PasskeyWords.class);
    return switch (refusal) {
      case NO_PASSKEY -> words.noPasskey();
      case CEREMONY_OVER -> words.ceremonyOver();
      case UNREADABLE -> words.unreadable();
      case NOT_YOURS -> words.notYours();
      case NOT_VERIFIED -> words.notVerified();
      case COPIED -> words.copied();
      case MISMATCH -> words.mismatch();
    };
  }

  String sentence(EnrolmentRefusal refusal) {
    PeopleWords words = pages.words(PeopleWords.class);
    return switch (refusal) {
      case NOT_ADMIN -> words.notAdmin();
      case NOT_BY_PASSKEY -> words.needsPasskey();
      case OWN_PASSKEY -> words.ownPasskey();
      case OWN_INVITATION, OPERATOR_ALONE -> words.ownInvitation();
      case NOT_WAITING -> words.notWaiting();
      case INVITATION_OVER -> words.invitationOver();
      case NOT_THEIRS -> words.notTheirs();
      case UNKNOWN_PERSON -> words.unknownPerson();
    };
  }

  /// What the page's script hears of its asking for a signature.
  Response response(SignBallot.Asking asking) {
    return switch (asking) {
      case SignBallot.Asking.Asked it -> Response.ok(EventJson.tree(it.asked())).build();
      case SignBallot.Asking.Refused it ->
          Problem.of(
              Response.Status.FORBIDDEN,
              it.refusal().code(),
              "Nothing to sign with",
              sentence(it.refusal()));
      case SignBallot.Asking.Vain it ->
          Problem.of(
              Response.Status.CONFLICT,
              it.refusal().code(),
              "Nothing to sign",
              sentence(it.refusal()));
    };
  }

  /// A form that came from elsewhere.
  Response notFromThisPage() {
    return Problem.of(
        Response.Status.FORBIDDEN,
        "not-from-this-page",
        "Not from this page",
        pages.words(Words.class).notYourForm());
  }

  /// A form that no page of ours wrote.
  Response notAnAnswer() {
    return Problem.of(
        Response.Status.BAD_REQUEST,
        "not-an-answer",
        "Not an answer",
        pages.words(DecideWords.class).incomplete());
  }
}
