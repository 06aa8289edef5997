package dev.countersign.ticket.application;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Agent;
import dev.countersign.ticket.domain.Electorate;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SignInTest {

  private static final int MOST = 3;

  private final List<String> filed = new ArrayList<>();
  private final List<String> mailed = new ArrayList<>();

  @Test
  void aCodeThatIsNotMailedForThereWereTooManySignsNobodyIn() {
    SignIn signIn =
        new SignIn(
            database(),
            new Kept(),
            new Roster() {
              @Override
              public Electorate electorate(Agent agent, Instant at) {
                throw new UnsupportedOperationException();
              }

              @Override
              public Set<String> groups(String id, Instant at) {
                throw new UnsupportedOperationException();
              }

              @Override
              public Optional<Person> find(String idOrAddress) {
                return Optional.of(new Person("alice", "Alice", idOrAddress));
              }

              @Override
              public List<Person> people() {
                throw new UnsupportedOperationException();
              }

              @Override
              public Set<String> admins() {
                throw new UnsupportedOperationException();
              }

              @Override
              public ZoneId zone(String id) {
                return ZoneOffset.UTC;
              }

              @Override
              public boolean isAdmin(String id) {
                return false;
              }

              @Override
              public String name(String id) {
                return id;
              }
            },
            (to, _) -> {
              mailed.add(to.id());
              return Uni.createFrom().voidItem();
            },
            MOST,
            100);
    for (int i = 0; i < 2 * MOST; i++) {
      var _ = signIn.ask("alice@acme.example", "127.0.0.1").await().indefinitely();
    }
    assertEquals(List.of("alice", "alice", "alice"), mailed);
    assertEquals(List.of("alice", "alice", "alice", "nobody", "nobody", "nobody"), filed);
  }

  /// Runs the work without a database.
  @SuppressWarnings("unchecked")
  private static Mutiny.SessionFactory database() {
    Object session =
        Proxy.newProxyInstance(
            SignInTest.class.getClassLoader(),
            new Class<?>[] {Mutiny.StatelessSession.class},
            (_, _, _) -> {
              throw new UnsupportedOperationException();
            });
    return (Mutiny.SessionFactory)
        Proxy.newProxyInstance(
            SignInTest.class.getClassLoader(),
            new Class<?>[] {Mutiny.SessionFactory.class},
            (_, _, arguments) -> ((Function<Object, Object>) arguments[0]).apply(session));
  }

  /// Counts what was asked for.
  private final class Kept implements Sessions {
    @Override
    public Uni<Asked> asked(
        Mutiny.StatelessSession session, @Nullable String approver, String remote) {
      return Uni.createFrom()
          .item(new Asked(filed.stream().filter("alice"::equals).count(), filed.size()));
    }

    @Override
    public Uni<Void> putCode(
        Mutiny.StatelessSession session,
        byte[] browser,
        @Nullable String approver,
        byte[] code,
        String remote) {
      filed.add(approver == null ? "nobody" : approver);
      return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Optional<Tried>> tryCode(
        Mutiny.StatelessSession session, byte[] browser, int mostTries) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Void> dropCode(Mutiny.StatelessSession session, byte[] browser) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Void> begin(Mutiny.StatelessSession session, byte[] token, Holder holder) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Optional<Holder>> touch(Mutiny.StatelessSession session, byte[] token) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Optional<Holder>> peek(Mutiny.StatelessSession session, byte[] token) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Void> end(Mutiny.StatelessSession session, byte[] token) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Void> endAll(Mutiny.StatelessSession session) {
      throw new UnsupportedOperationException();
    }
  }
}
