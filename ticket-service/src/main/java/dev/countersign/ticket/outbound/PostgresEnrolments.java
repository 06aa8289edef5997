package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.ticket.application.Enrolments;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.Invitation;
import dev.countersign.ticket.domain.InvitationId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Enrolments in PostgreSQL: one row from the invitation to the end.
@ApplicationScoped
class PostgresEnrolments implements Enrolments {

  private static final HexFormat HEX = HexFormat.of();
  private static final Duration CODE_LIFE = Duration.ofHours(24);
  private static final int MOST_TRIES = 5;

  private static final String ROW =
      """
      select cast(invitation as text), approver, state, invited_by, %s, label, credential_id,
          credential, public_key, sign_count, backup_eligible, %s, confirmed_by, %s, %s,
          revoked_by, revoked_reason, %s
      from passkey
      """
          .formatted(
              micros("invited_at"),
              micros("made_at"),
              micros("confirmed_at"),
              micros("last_used_at"),
              micros("now()"));

  private static final String THIS = " where invitation = cast(cast(:id as text) as uuid)";

  private static final String STANDING =
      ROW
          + """
           where (state in ('made', 'confirmed') or (state = 'invited' and tries < :most
                  and invited_at > now() - interval '24 hours'))
              and (:everybody or approver in (
                  select json_array_elements_text(cast(cast(:approvers as text) as json))))
          order by approver, invited_at
          """;

  private static final String MADE =
      """
      update passkey set state = 'made', code = null, label = :label, credential_id = :credential_id,
          credential = :credential, public_key = :public_key, sign_count = :sign_count,
          backup_eligible = :backup_eligible, made_at = now()
      where invitation = cast(cast(:id as text) as uuid)
          and not exists (select 1 from passkey where credential_id = :credential_id)
      """;

  private static final String VOTED_ON =
      """
      select cast(action_id as text) from ticket
      where state = 'pending' and action_id in (
          select action_id from vote where credential = :credential and lapsed_at is null)
      order by action_id for no key update
      """;

  // A statement of its own: it sees what the tickets' locks were waited for.
  private static final String LAPSE =
      """
      with lapsed as (
          update vote set lapsed_at = clock_timestamp()
          where credential = :credential and lapsed_at is null and action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          returning action_id)
      update ticket t set version = t.version + 1 from lapsed where t.action_id = lapsed.action_id
      """;

  private static String micros(String column) {
    return "cast(extract(epoch from " + column + ") * 1000000 as bigint)";
  }

  @Override
  public Uni<Invitation> invite(
      Mutiny.StatelessSession session, InvitationId id, String approver, String by, byte[] code) {
    return session
        .createNativeQuery(
            """
            insert into passkey (invitation, approver, state, invited_by, code)
            values (cast(cast(:id as text) as uuid), :approver, 'invited', :by, decode(:code, 'hex'))
            returning cast(extract(epoch from invited_at) * 1000000 as bigint)
            """,
            Long.class)
        .setParameter("id", id.toString())
        .setParameter("approver", approver)
        .setParameter("by", by)
        .setParameter("code", HEX.formatHex(code))
        .getSingleResult()
        .map(at -> invitation(id, approver, by, instant(at)));
  }

  private static Invitation invitation(InvitationId id, String approver, String by, Instant at) {
    return new Invitation(id, approver, by, at, at.plus(CODE_LIFE));
  }

  @Override
  public Uni<Optional<Filed>> find(Mutiny.StatelessSession session, InvitationId id) {
    return one(session, ROW + THIS, id);
  }

  @Override
  public Uni<Optional<Filed>> lock(Mutiny.StatelessSession session, InvitationId id) {
    return one(session, ROW + THIS + " for update", id);
  }

  private static Uni<Optional<Filed>> one(
      Mutiny.StatelessSession session, String query, InvitationId id) {
    return session
        .createNativeQuery(query, Object[].class)
        .setParameter("id", id.toString())
        .getResultList()
        .map(rows -> rows.stream().findFirst().map(PostgresEnrolments::filed));
  }

  @Override
  public Uni<List<Filed>> standing(Mutiny.StatelessSession session, Set<String> approvers) {
    return session
        .createNativeQuery(STANDING, Object[].class)
        .setParameter("most", MOST_TRIES)
        .setParameter("everybody", approvers.isEmpty())
        .setParameter("approvers", json(approvers))
        .getResultList()
        .map(rows -> rows.stream().map(PostgresEnrolments::filed).toList());
  }

  private static Filed filed(@Nullable Object[] row) {
    return new Filed(
        enrolment(row),
        maybeInstant(row[11]),
        maybeInstant(row[13]),
        maybeInstant(row[14]),
        instant(row[17]));
  }

  private static Enrolment enrolment(@Nullable Object[] row) {
    Invitation invitation =
        invitation(InvitationId.of(text(row[0])), text(row[1]), text(row[3]), instant(row[4]));
    return switch (text(row[2])) {
      case "invited" -> new Enrolment.Invited(invitation);
      case "made" -> new Enrolment.Made(invitation, credential(row), text(row[5]));
      case "confirmed" ->
          new Enrolment.Confirmed(invitation, credential(row), text(row[5]), text(row[12]));
      case "revoked" ->
          new Enrolment.Revoked(
              invitation, row[6] == null ? null : credential(row), text(row[15]), (String) row[16]);
      default -> throw new IllegalStateException("the table lets no other word in");
    };
  }

  private static Credential credential(@Nullable Object[] row) {
    return new Credential(
        text(row[6]),
        text(row[7]),
        text(row[8]),
        (Long) Objects.requireNonNull(row[9]),
        (Boolean) Objects.requireNonNull(row[10]));
  }

  @Override
  public Uni<Optional<Tried>> tryCode(
      Mutiny.StatelessSession session, InvitationId id, int mostTries) {
    return session
        .createNativeQuery(
            """
            update passkey set tries = tries + 1
            where invitation = cast(cast(:id as text) as uuid) and state = 'invited'
                and tries < :most and invited_at > now() - interval '24 hours'
            returning encode(code, 'hex'), tries
            """,
            Object[].class)
        .setParameter("id", id.toString())
        .setParameter("most", mostTries)
        .getResultList()
        .map((List<Object[]> rows) ->
            rows.stream()
                .findFirst()
                .map(row -> new Tried(HEX.parseHex((String) row[0]), (Integer) row[1])));
  }

  @Override
  public Uni<Void> untryCode(Mutiny.StatelessSession session, InvitationId id) {
    return session
        .createNativeQuery("update passkey set tries = tries - 1" + THIS + " and tries > 0")
        .setParameter("id", id.toString())
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<Boolean> save(Mutiny.StatelessSession session, Enrolment enrolment) {
    String id = enrolment.invitation().id().toString();
    Uni<Integer> written =
        switch (enrolment) {
          case Enrolment.Invited _ ->
              throw new IllegalStateException("an invitation is filed, not saved");
          case Enrolment.Made it ->
              session
                  .createNativeQuery(MADE)
                  .setParameter("id", id)
                  .setParameter("label", it.label())
                  .setParameter("credential_id", it.credential().id())
                  .setParameter("credential", it.credential().attested())
                  .setParameter("public_key", it.credential().publicKey())
                  .setParameter("sign_count", it.credential().signCount())
                  .setParameter("backup_eligible", it.credential().backupEligible())
                  .executeUpdate();
          case Enrolment.Confirmed it ->
              session
                  .createNativeQuery(
                      "update passkey set state = 'confirmed', confirmed_by = :by,"
                          + " confirmed_at = now()"
                          + THIS)
                  .setParameter("id", id)
                  .setParameter("by", it.by())
                  .executeUpdate();
          case Enrolment.Revoked it ->
              session
                  .createNativeQuery(
                      "update passkey set state = 'revoked', code = null, revoked_by = :by,"
                          + " revoked_at = now(), revoked_reason = nullif(:reason, '')"
                          + THIS)
                  .setParameter("id", id)
                  .setParameter("by", it.by())
                  .setParameter("reason", Objects.requireNonNullElse(it.reason(), ""))
                  .executeUpdate();
        };
    return written.map(rows -> rows == 1);
  }

  @Override
  public Uni<Integer> withPasskey(Mutiny.StatelessSession session, Set<String> approvers) {
    return session
        .createNativeQuery(
            """
            select count(distinct approver) from passkey
            where state = 'confirmed' and approver in (
                select json_array_elements_text(cast(cast(:approvers as text) as json)))
            """,
            Long.class)
        .setParameter("approvers", json(approvers))
        .getSingleResult()
        .map(Math::toIntExact);
  }

  @Override
  public Uni<Void> endSessions(Mutiny.StatelessSession session, String approver) {
    return session
        .createNativeQuery("delete from session where approver = :approver and began = 'passkey'")
        .setParameter("approver", approver)
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<Integer> lapseVotes(Mutiny.StatelessSession session, String credentialId) {
    return session
        .createNativeQuery(VOTED_ON, String.class)
        .setParameter("credential", credentialId)
        .getResultList()
        .chain(locked ->
            locked.isEmpty()
                ? Uni.createFrom().item(0)
                : session
                    .createNativeQuery(LAPSE)
                    .setParameter("credential", credentialId)
                    .setParameter("ids", json(Set.copyOf(locked)))
                    .executeUpdate());
  }

  private static String json(Set<String> texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    texts.forEach(array::add);
    return array.toString();
  }

  private static String text(@Nullable Object value) {
    return (String) Objects.requireNonNull(value);
  }

  private static Instant instant(@Nullable Object micros) {
    return Instant.EPOCH.plus((Long) Objects.requireNonNull(micros), ChronoUnit.MICROS);
  }

  private static @Nullable Instant maybeInstant(@Nullable Object micros) {
    return micros == null ? null : instant(micros);
  }
}
