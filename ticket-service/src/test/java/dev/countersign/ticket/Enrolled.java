package dev.countersign.ticket;

import dev.countersign.events.EventJson;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.ticket.application.RegistrationResponse;
import dev.countersign.ticket.application.WebAuthn;
import dev.countersign.ticket.domain.Credential;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;

/// People's passkeys, put on file without the way that leads there.
public final class Enrolled {

  private static final String CHALLENGE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  private Enrolled() {}

  /// A new passkey of this person's that counts.
  ///
  /// @param origin of the pages, as `countersign.ticket.url` says
  public static SoftwarePasskey confirmed(
      WebAuthn webAuthn, DataSource database, URI origin, String approver) {
    return on(webAuthn, database, origin, approver, "confirmed");
  }

  /// A new passkey of this person's in this state.
  public static SoftwarePasskey on(
      WebAuthn webAuthn, DataSource database, URI origin, String approver, String state) {
    SoftwarePasskey passkey = SoftwarePasskey.create(origin);
    Credential credential = credential(webAuthn, passkey);
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into passkey (invitation, approver, state, invited_by, label, credential_id,
                    credential, public_key, sign_count, backup_eligible, made_at, confirmed_by,
                    confirmed_at, revoked_by, revoked_at)
                values (gen_random_uuid(), ?, ?, 'operator', 'Test', ?, ?, ?, ?, ?, now(), 'operator',
                    now(), 'frank', now())
                """)) {
      insert.setString(1, approver);
      insert.setString(2, state);
      insert.setString(3, credential.id());
      insert.setString(4, credential.attested());
      insert.setString(5, credential.publicKey());
      insert.setLong(6, credential.signCount());
      insert.setBoolean(7, credential.backupEligible());
      insert.executeUpdate();
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return passkey;
  }

  private static Credential credential(WebAuthn webAuthn, SoftwarePasskey passkey) {
    RegistrationResponse made =
        EventJson.read(
            EventJson.write(passkey.register(EventJson.tree(Map.of("challenge", CHALLENGE)))),
            RegistrationResponse.class);
    return switch (webAuthn.register(new byte[32], made).await().indefinitely()) {
      case WebAuthn.Registered.Made it -> it.credential();
      case WebAuthn.Registered.Fails it -> throw new AssertionError(it.refusal());
    };
  }
}
