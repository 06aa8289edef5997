package dev.countersign.ticket.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

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
  private final Kept kept = new Kept();
  private String mail = "alice@acme.example";
  private String lastCode = "";

  private SignIn signIn() {
    return new SignIn(
        database(),
        kept,
        new File(),
        (to, code) -> {
          mailed.add(to.id());
          lastCode = code;
          return Uni.createFrom().voidItem();
        },
        MOST,
        100);
  }

  @Test
  void aSessionByACodeIsNobodysOnceTheFileNamesAnotherAddressThanItsCodeWasMailedTo() {
    SignIn signIn = signIn();
    String before = session(signIn);
    assertEquals("alice", signIn.find(before).await().indefinitely().orElseThrow().approver());
    mail = "alice@elsewhere.example";
    assertEquals(Optional.empty(), signIn.find(before).await().indefinitely());
    assertEquals(Optional.empty(), signIn.peek(before).await().indefinitely());
    String after = session(signIn);
    assertEquals("alice", signIn.find(after).await().indefinitely().orElseThrow().approver());

    // What was mailed before and is typed afterwards is worth as little.
    SignIn.Asking.Sent asked = ask(signIn);
    mail = "alice@acme.example";
    assertEquals(Optional.empty(), signIn.find(enter(signIn, asked)).await().indefinitely());

    kept.holder = new Sessions.Holder("alice", Began.PASSKEY, "a passkey", null);
    assertEquals("alice", signIn.find(after).await().indefinitely().orElseThrow().approver());
  }

  private String session(SignIn signIn) {
    return enter(signIn, ask(signIn));
  }

  private SignIn.Asking.Sent ask(SignIn signIn) {
    filed.clear();
    return assertInstanceOf(
        SignIn.Asking.Sent.class, signIn.ask(mail, "127.0.0.1").await().indefinitely());
  }

  private String enter(SignIn signIn, SignIn.Asking.Sent asked) {
    return assertInstanceOf(
            SignIn.Entering.Entered.class,
            signIn.enter(asked.browser(), lastCode).await().indefinitely())
        .session();
  }

  @Test
  void aCodeThatIsNotMailedForThereWereTooManySignsNobodyIn() {
    SignIn signIn = signIn();
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

  /// The operator's file as it stands now.
  private final class File implements Roster {
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
      return Optional.of(new Person("alice", "Alice", mail));
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
  }

  /// Counts what was asked for, and keeps the last code and session.
  private final class Kept implements Sessions {

    private @Nullable Tried code;
    private @Nullable Holder holder;

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
        @Nullable String address,
        byte[] code,
        String remote) {
      filed.add(approver == null ? "nobody" : approver);
      this.code = new Tried(approver, address, code, 1);
      return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Optional<Tried>> tryCode(
        Mutiny.StatelessSession session, byte[] browser, int mostTries) {
      return Uni.createFrom().item(Optional.ofNullable(code));
    }

    @Override
    public Uni<Void> dropCode(Mutiny.StatelessSession session, byte[] browser) {
      return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Void> begin(Mutiny.StatelessSession session, byte[] token, Holder holder) {
      this.holder = holder;
      return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Optional<Holder>> touch(Mutiny.StatelessSession session, byte[] token) {
      return Uni.createFrom().item(Optional.ofNullable(holder));
    }

    @Override
    public Uni<Optional<Holder>> peek(Mutiny.StatelessSession session, byte[] token) {
      return Uni.createFrom().item(Optional.ofNullable(holder));
    }

    @Override
    public Uni<Void> end(Mutiny.StatelessSession session, byte[] token) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Integer> endAllOf(Mutiny.StatelessSession session, String approver) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Uni<Void> endAll(Mutiny.StatelessSession session) {
      throw new UnsupportedOperationException();
    }
  }
}
