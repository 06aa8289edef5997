package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Signing in by a one-time code: eight digits, mailed on request, good for ten minutes and five
/// tries, and only in the browser that asked. Whether an address belongs to somebody never shows.
///
/// Thirty codes in ten minutes make at most 150 guesses out of 10⁸, and thirty mails that are seen.
@ApplicationScoped
public class SignIn {

  private static final Logger LOG = Logger.getLogger(SignIn.class);
  private static final int MOST_TRIES = 5;
  private static final int CODES = 100_000_000;

  /// Who holds a session, how it began, by which passkey where it was one, and the token that its
  /// forms carry.
  public record Signed(String approver, Began began, @Nullable String passkey, String formToken) {}

  /// What came of asking for a code.
  public sealed interface Asking {
    /// A code is on its way if the address is somebody's; `browser` is for a cookie.
    record Sent(String browser) implements Asking {}

    /// Too many were asked for from there.
    record TooMany() implements Asking {}
  }

  /// What came of typing one.
  public sealed interface Entering {
    /// `session` is for a cookie.
    record Entered(String session) implements Entering {}

    record Wrong(int triesLeft) implements Entering {}

    /// There is no code that is good still: ask for a new one.
    record Gone() implements Entering {}
  }

  private final Mutiny.SessionFactory database;
  private final Sessions sessions;
  private final Roster roster;
  private final CodeMail mail;
  private final int codesPerApprover;
  private final int codesPerRemote;
  private final SecureRandom random = new SecureRandom();

  @Inject
  SignIn(
      Mutiny.SessionFactory database,
      Sessions sessions,
      Roster roster,
      CodeMail mail,
      @ConfigProperty(name = "countersign.sign-in.codes-per-approver", defaultValue = "30")
          int codesPerApprover,
      @ConfigProperty(name = "countersign.sign-in.codes-per-remote", defaultValue = "200")
          int codesPerRemote) {
    this.database = database;
    this.sessions = sessions;
    this.roster = roster;
    this.mail = mail;
    this.codesPerApprover = codesPerApprover;
    this.codesPerRemote = codesPerRemote;
  }

  /// Asks for a code. The mail goes out after the answer, so that its time tells nothing.
  public Uni<Asking> ask(String address, String remote) {
    String browser = token();
    String code = String.format(Locale.ROOT, "%08d", random.nextInt(CODES));
    Optional<Roster.Person> person = roster.find(address);
    String id = person.map(Roster.Person::id).orElse(null);
    String mailed = person.map(it -> hashed(it.mail())).orElse(null);
    return database
        .withStatelessTransaction(session ->
            sessions
                .asked(session, id, remote)
                .chain(asked ->
                    asked.fromRemote() >= codesPerRemote
                        ? Uni.createFrom().item(asked)
                        : sessions
                            // What is not mailed is nobody's, or it could be guessed unseen.
                            .putCode(
                                session,
                                hash(browser),
                                asked.forApprover() >= codesPerApprover ? null : id,
                                asked.forApprover() >= codesPerApprover ? null : mailed,
                                mac(browser, code),
                                remote)
                            .replaceWith(asked)))
        .map(asked -> {
          if (asked.fromRemote() >= codesPerRemote) {
            LOG.warnf("Too many sign-in codes asked for remote=%s", remote);
            return new Asking.TooMany();
          }
          if (person.isPresent()) {
            if (asked.forApprover() >= codesPerApprover) {
              LOG.warnf("Too many sign-in codes asked for approver=%s", id);
            } else {
              send(person.get(), code);
            }
          }
          return new Asking.Sent(browser);
        });
  }

  private void send(Roster.Person person, String code) {
    mail.send(person, code)
        .subscribe()
        .with(
            _ -> LOG.infof("Sign-in code mailed approver=%s", person.id()),
            failure ->
                LOG.errorf(
                    "Sign-in code could not be mailed approver=%s cause=%s",
                    person.id(), failure.toString()));
  }

  /// Types a code into the browser that asked for it.
  public Uni<Entering> enter(String browser, String code) {
    return database.withStatelessTransaction(session ->
        sessions
            .tryCode(session, hash(browser), MOST_TRIES)
            .chain(tried ->
                tried
                    .map(it -> enter(session, browser, code, it))
                    .orElseGet(() -> Uni.createFrom().item(new Entering.Gone()))));
  }

  private Uni<Entering> enter(
      Mutiny.StatelessSession session, String browser, String code, Sessions.Tried tried) {
    boolean right = MessageDigest.isEqual(tried.code(), mac(browser, digits(code)));
    String approver = tried.approver();
    if (!right || approver == null) {
      int left = MOST_TRIES - tried.tries();
      return Uni.createFrom().item(left > 0 ? new Entering.Wrong(left) : new Entering.Gone());
    }
    return sessions
        .dropCode(session, hash(browser))
        .chain(
            () -> begin(session, new Sessions.Holder(approver, Began.CODE, null, tried.address())))
        .map(Entering.Entered::new);
  }

  /// Begins a session of somebody who has proven, and neither by a code nor by a passkey, who they
  /// are; its token is for a cookie.
  public Uni<String> begin(String approver, Began began) {
    return database.withStatelessTransaction(
        session -> begin(session, new Sessions.Holder(approver, began, null, null)));
  }

  /// The same in a transaction of the caller's.
  Uni<String> begin(Mutiny.StatelessSession session, Sessions.Holder holder) {
    String token = token();
    return sessions.begin(session, hash(token), holder).replaceWith(token);
  }

  /// Whose session this token is. Whoever left the operator's file has none, and a code is worth
  /// nothing once it names another address: the mailbox that it came to may be somebody else's.
  public Uni<Optional<Signed>> find(String token) {
    return database
        .withStatelessSession(session -> sessions.touch(session, hash(token)))
        .map(holder -> signed(holder, token));
  }

  /// The same for a page that looks for news by itself: the session grows idle all the while.
  public Uni<Optional<Signed>> peek(String token) {
    return database
        .withStatelessSession(session -> sessions.peek(session, hash(token)))
        .map(holder -> signed(holder, token));
  }

  private Optional<Signed> signed(Optional<Sessions.Holder> holder, String token) {
    return holder
        .filter(it -> roster.find(it.approver()).filter(person -> isProven(it, person)).isPresent())
        .map(it -> new Signed(it.approver(), it.began(), it.passkey(), formToken(token)));
  }

  private static boolean isProven(Sessions.Holder holder, Roster.Person person) {
    return holder.began() != Began.CODE || hashed(person.mail()).equals(holder.address());
  }

  public Uni<Void> end(String token) {
    return database.withStatelessTransaction(session -> sessions.end(session, hash(token)));
  }

  /// The token of a session's forms: known to its pages, useless without its cookie.
  private static String formToken(String session) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac(session, "form"));
  }

  private String token() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String digits(String typed) {
    return typed.replaceAll("[\\s-]", "");
  }

  private static String hashed(String address) {
    return HexFormat.of().formatHex(hash(address));
  }

  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] mac(String key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
    }
  }
}
