package dev.countersign.ticket.application;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.ticket.domain.InvitationId;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OneTimeCodeTest {

  private static final InvitationId INVITATION = new InvitationId(new UUID(0, 1));

  private final SecureRandom random = new SecureRandom();

  @Test
  void noCharacterIsMistakenForAnother() {
    for (int i = 0; i < 500; i++) {
      String code = OneTimeCode.make(random);
      assertTrue(code.matches("[A-Z0-9]{4}-[A-Z0-9]{4}"), code);
      assertFalse(code.matches(".*[0O1IL2Z5S8BUV].*"), code);
    }
  }

  @Test
  void aCodeIsTheSameHoweverItIsSpeltAndForItsInvitationOnly() {
    String code = OneTimeCode.make(random);
    byte[] hash = OneTimeCode.hash(INVITATION, code);
    String spelt = " " + code.replace('-', ' ').toLowerCase(Locale.ROOT) + " ";
    assertTrue(OneTimeCode.is(hash, INVITATION, spelt));
    assertFalse(OneTimeCode.is(hash, new InvitationId(new UUID(0, 2)), code));
    assertFalse(OneTimeCode.is(hash, INVITATION, code.substring(1)));
  }
}
