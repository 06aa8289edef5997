package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Ceremonies;
import dev.countersign.ticket.application.CeremonyId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Ceremonies in PostgreSQL.
@ApplicationScoped
class PostgresCeremonies implements Ceremonies {

  @Override
  public Uni<Long> count(Mutiny.StatelessSession session, Purpose purpose, String subject) {
    return session
        .createNativeQuery(
            """
            select count(*) from ceremony where purpose = :purpose and subject = :subject
                and began_at >= now() - interval '5 minutes'
            """,
            Long.class)
        .setParameter("purpose", word(purpose))
        .setParameter("subject", subject)
        .getSingleResult();
  }

  @Override
  public Uni<Void> dropAll(Mutiny.StatelessSession session) {
    return session.createNativeQuery("delete from ceremony").executeUpdate().replaceWithVoid();
  }

  @Override
  public Uni<Void> put(Mutiny.StatelessSession session, Ceremony ceremony) {
    return session
        .createNativeQuery("delete from ceremony where began_at < now() - interval '5 minutes'")
        .executeUpdate()
        .chain(() ->
            session
                .createNativeQuery(
                    """
                    insert into ceremony (id, purpose, subject, nonce, content)
                    values (cast(cast(:id as text) as uuid), :purpose, :subject, :nonce, :content)
                    """)
                .setParameter("id", ceremony.id().toString())
                .setParameter("purpose", word(ceremony.purpose()))
                .setParameter("subject", ceremony.subject())
                .setParameter("nonce", ceremony.nonce())
                .setParameter("content", ceremony.content())
                .executeUpdate())
        .replaceWithVoid();
  }

  @Override
  public Uni<Optional<Ceremony>> take(
      Mutiny.StatelessSession session, CeremonyId id, Purpose purpose) {
    return session
        .createNativeQuery(
            """
            delete from ceremony where id = cast(cast(:id as text) as uuid)
            returning purpose, subject, nonce, content,
                began_at >= now() - interval '5 minutes' as good
            """,
            Object[].class)
        .setParameter("id", id.toString())
        .getResultList()
        .map((List<Object[]> rows) ->
            rows.stream()
                .findFirst()
                .filter(row -> row[0].equals(word(purpose)) && (Boolean) row[4])
                .map(row ->
                    new Ceremony(id, purpose, (String) row[1], (String) row[2], (String) row[3])));
  }

  private static String word(Purpose purpose) {
    return switch (purpose) {
      case VOTE -> "vote";
      case ENROLMENT -> "enrolment";
      case SIGN_IN -> "sign-in";
    };
  }
}
