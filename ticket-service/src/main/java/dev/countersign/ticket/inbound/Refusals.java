package dev.countersign.ticket.inbound;

import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.PasskeyRefusal;
import dev.countersign.ticket.domain.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

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
      case STALE -> words.stale();
      case NOT_CONFIRMED -> words.notConfirmed();
      case TRUST_TOO_WIDE -> words.trustTooWide();
      case NOT_TRUSTED -> words.notTrusted();
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
}
