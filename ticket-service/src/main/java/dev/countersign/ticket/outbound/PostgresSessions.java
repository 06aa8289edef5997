package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Began;
import dev.countersign.ticket.application.Sessions;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Codes and sessions in PostgreSQL. Hashes travel as hex.
@ApplicationScoped
class PostgresSessions implements Sessions {

  private static final HexFormat HEX = HexFormat.of();

  /// More tries than any code has: it opens nothing, and still counts among those that were mailed.
  private static final int SPENT = 1_000;

  // Noted once in a while: a page that is read needs no write of its own.
  private static final String FIND =
      """
      select approver, began, passkey, address, last_seen_at > now() - interval '20 seconds' as noted
      from session
      where token = decode(:token, 'hex') and last_seen_at > now() - interval '15 minutes'
          and signed_in_at > now() - interval '8 hours'
      """;

  private static final String NOTE =
      "update session set last_seen_at = now() where token = decode(:token, 'hex')";

  @Override
  public Uni<Asked> asked(
      Mutiny.StatelessSession session, @Nullable String approver, String remote) {
    return session
        .createNativeQuery(
            """
            select count(*) filter (where approver = :approver),
                count(*) filter (where remote = :remote)
            from sign_in where asked_at > now() - interval '10 minutes'
            """,
            Object[].class)
        // Nobody has an empty id.
        .setParameter("approver", approver == null ? "" : approver)
        .setParameter("remote", remote)
        .getSingleResult()
        .map(row -> new Asked((Long) row[0], (Long) row[1]));
  }

  @Override
  public Uni<Void> putCode(
      Mutiny.StatelessSession session,
      byte[] browser,
      @Nullable String approver,
      @Nullable String address,
      byte[] code,
      String remote) {
    return session
        .createNativeQuery("delete from sign_in where asked_at < now() - interval '1 hour'")
        .executeUpdate()
        .chain(() ->
            session
                .createNativeQuery(
                    """
                    insert into sign_in (browser, approver, address, code, remote)
                    values (decode(:browser, 'hex'), nullif(:approver, ''),
                        nullif(:address, ''), decode(:code, 'hex'), :remote)
                    """)
                .setParameter("browser", HEX.formatHex(browser))
                .setParameter("approver", approver == null ? "" : approver)
                .setParameter("address", address == null ? "" : address)
                .setParameter("code", HEX.formatHex(code))
                .setParameter("remote", remote)
                .executeUpdate())
        .replaceWithVoid();
  }

  @Override
  public Uni<Optional<Tried>> tryCode(
      Mutiny.StatelessSession session, byte[] browser, int mostTries) {
    return session
        .createNativeQuery(
            """
            update sign_in set tries = tries + 1
            where browser = decode(:browser, 'hex') and tries < :most
                and asked_at > now() - interval '10 minutes'
            returning approver, address, encode(code, 'hex'), tries
            """,
            Object[].class)
        .setParameter("browser", HEX.formatHex(browser))
        .setParameter("most", mostTries)
        .getResultList()
        .map((List<Object[]> rows) ->
            rows.stream()
                .findFirst()
                .map(row ->
                    new Tried(
                        (String) row[0],
                        (String) row[1],
                        HEX.parseHex((String) row[2]),
                        (Integer) row[3])));
  }

  @Override
  public Uni<Void> dropCode(Mutiny.StatelessSession session, byte[] browser) {
    return session
        .createNativeQuery("delete from sign_in where browser = decode(:browser, 'hex')")
        .setParameter("browser", HEX.formatHex(browser))
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<Void> begin(Mutiny.StatelessSession session, byte[] token, Holder holder) {
    return session
        .createNativeQuery("delete from session where signed_in_at < now() - interval '8 hours'")
        .executeUpdate()
        .chain(() ->
            session
                .createNativeQuery(
                    """
                    insert into session (token, approver, began, passkey, address)
                    values (decode(:token, 'hex'), :approver, :began, nullif(:passkey, ''),
                        nullif(:address, ''))
                    """)
                .setParameter("token", HEX.formatHex(token))
                .setParameter("approver", holder.approver())
                .setParameter("began", holder.began().word())
                // No passkey has an empty id.
                .setParameter("passkey", Objects.requireNonNullElse(holder.passkey(), ""))
                .setParameter("address", Objects.requireNonNullElse(holder.address(), ""))
                .executeUpdate())
        .replaceWithVoid();
  }

  @Override
  public Uni<Optional<Holder>> touch(Mutiny.StatelessSession session, byte[] token) {
    return session
        .createNativeQuery(FIND, Object[].class)
        .setParameter("token", HEX.formatHex(token))
        .getResultList()
        .chain((List<Object[]> rows) -> {
          Optional<Holder> holder = holder(rows);
          boolean noted = rows.isEmpty() || (Boolean) rows.getFirst()[4];
          return noted
              ? Uni.createFrom().item(holder)
              : session
                  .createNativeQuery(NOTE)
                  .setParameter("token", HEX.formatHex(token))
                  .executeUpdate()
                  .replaceWith(holder);
        });
  }

  @Override
  public Uni<Optional<Holder>> peek(Mutiny.StatelessSession session, byte[] token) {
    return session
        .createNativeQuery(FIND, Object[].class)
        .setParameter("token", HEX.formatHex(token))
        .getResultList()
        .map(PostgresSessions::holder);
  }

  private static Optional<Holder> holder(List<Object[]> rows) {
    return rows.stream()
        .findFirst()
        .map(row ->
            new Holder(
                (String) row[0], Began.of((String) row[1]), (String) row[2], (String) row[3]));
  }

  @Override
  public Uni<Void> end(Mutiny.StatelessSession session, byte[] token) {
    return session
        .createNativeQuery("delete from session where token = decode(:token, 'hex')")
        .setParameter("token", HEX.formatHex(token))
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<Integer> endAllOf(Mutiny.StatelessSession session, String approver) {
    return session
        .createNativeQuery("update sign_in set tries = :tries where approver = :approver")
        .setParameter("tries", SPENT)
        .setParameter("approver", approver)
        .executeUpdate()
        .chain(() ->
            session
                .createNativeQuery("delete from session where approver = :approver")
                .setParameter("approver", approver)
                .executeUpdate());
  }

  @Override
  public Uni<Void> endAll(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery("delete from session")
        .executeUpdate()
        .chain(() -> session.createNativeQuery("delete from sign_in").executeUpdate())
        .replaceWithVoid();
  }
}
