package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.ticket.application.Passkeys;
import dev.countersign.ticket.domain.Credential;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Confirmed passkeys in PostgreSQL.
@ApplicationScoped
class PostgresPasskeys implements Passkeys {

  private static final String CONFIRMED =
      """
      select approver, credential_id, credential, public_key, sign_count, backup_eligible
      from passkey where state = 'confirmed'
      """;

  private static final String SHARE =
      """
      select credential_id from passkey
      where state = 'confirmed' and credential_id = any (array (
          select json_array_elements_text(cast(cast(:ids as text) as json))))
      order by credential_id for share
      """;

  @Override
  public Uni<List<Credential>> confirmed(Mutiny.StatelessSession session, String approver) {
    return session
        .createNativeQuery(
            CONFIRMED + " and approver = :approver order by last_used_at desc nulls last, made_at",
            Object[].class)
        .setParameter("approver", approver)
        .getResultList()
        .map(rows -> rows.stream().map(row -> held(row).credential()).toList());
  }

  @Override
  public Uni<Optional<Held>> lockConfirmed(Mutiny.StatelessSession session, String credentialId) {
    return session
        .createNativeQuery(CONFIRMED + " and credential_id = :id for update", Object[].class)
        .setParameter("id", credentialId)
        .getResultList()
        .map(rows -> rows.stream().findFirst().map(PostgresPasskeys::held));
  }

  @Override
  public Uni<Set<String>> share(Mutiny.StatelessSession session, Set<String> credentialIds) {
    if (credentialIds.isEmpty()) {
      return Uni.createFrom().item(Set.of());
    }
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    credentialIds.stream().sorted().forEach(ids::add);
    return session
        .createNativeQuery(SHARE, String.class)
        .setParameter("ids", ids.toString())
        .getResultList()
        .map(Set::copyOf);
  }

  private static Held held(Object[] row) {
    return new Held(
        (String) row[0],
        new Credential(
            (String) row[1], (String) row[2], (String) row[3], (Long) row[4], (Boolean) row[5]));
  }

  @Override
  public Uni<Void> used(Mutiny.StatelessSession session, String credentialId, long signCount) {
    return session
        .createNativeQuery(
            """
            update passkey set sign_count = :count, last_used_at = now()
            where credential_id = :id
            """)
        .setParameter("count", signCount)
        .setParameter("id", credentialId)
        .executeUpdate()
        .replaceWithVoid();
  }
}
