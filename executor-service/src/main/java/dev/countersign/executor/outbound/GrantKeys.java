package dev.countersign.executor.outbound;

import dev.countersign.messaging.Neighbour;
import dev.countersign.messaging.Unavailable;
import dev.countersign.verifier.EcdsaByBouncyCastle;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.GrantReader;
import dev.countersign.verifier.InvalidGrant;
import dev.countersign.verifier.KeySet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The ticket service's public keys (RFC 7517), from where the operator says they are. The last set
/// is kept in the database, so that a restart does not need the ticket service; a set that could be
/// fetched replaces it as a whole, so that a key taken out is trusted no longer.
///
/// A key is published before it signs: a `kid` that is not in a set fetched since it was first
/// asked for is none of the ticket service's. However many are asked for, the set is fetched once a
/// second at most, and whoever comes in between waits for the next time. A key whose `validFor` is
/// over verifies nothing any more: a grant lives for minutes, a key that leaked would for ever.
@ApplicationScoped
class GrantKeys implements GrantReader.Keys {

  private static final Logger LOG = Logger.getLogger(GrantKeys.class);
  private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(1);
  private static final Duration FRESH = Duration.ofMinutes(5);
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration ASKED_KEPT = Duration.ofSeconds(30);
  private static final int MOST_ASKED = 10_000;
  private static final int LARGEST_SET = 256 * 1024;

  static {
    // What proves a decision's approvals is read with the keys from here.
    EcdsaByBouncyCastle.prefer();
  }

  private final String location;
  private final DataSource database;
  private final InstantSource clock = Clock.systemUTC();
  private final LongSupplier nanoTime;
  private final Neighbour ticketService = new Neighbour(FETCH_TIMEOUT, FETCH_TIMEOUT, LARGEST_SET);

  private KeySet set = KeySet.read("{\"keys\": []}".getBytes(StandardCharsets.UTF_8));
  private @Nullable String document;
  private long fetchedAt;
  private long triedAt;
  private @Nullable IOException lastFailure;
  // When each kid that is in no set was first asked for, the oldest first.
  private final Map<String, Long> asked = new LinkedHashMap<>();

  @Inject
  GrantKeys(@ConfigProperty(name = "countersign.grant.jwks") String location, DataSource database) {
    this(location, database, System::nanoTime);
  }

  GrantKeys(String location, DataSource database, LongSupplier nanoTime) {
    this.location = location;
    this.database = database;
    this.nanoTime = nanoTime;
    long longAgo = nanoTime.getAsLong() - FRESH.toNanos();
    this.fetchedAt = longAgo;
    this.triedAt = longAgo;
  }

  /// The key of this id, empty where the ticket service has none such. Throws {@link Unavailable}
  /// where that can't be told. It may block.
  @Override
  public synchronized Optional<GrantReader.Key> find(String kid) {
    look(kid);
    return set.grantKeys(clock).find(kid);
  }

  /// The keys of all roles, fetched anew where those at hand do not know this one. Throws as above,
  /// and it may block.
  synchronized KeySet keySet(String kid) {
    look(kid);
    return set;
  }

  /// What a grant says whose key is over by now. Throws as above, and it may block.
  synchronized Grant outlived(String token) throws InvalidGrant {
    look(GrantReader.kid(token));
    return set.outlived(token, clock.instant());
  }

  private void look(String kid) {
    if (set.knows(kid) && since(fetchedAt).compareTo(FRESH) < 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (since(triedAt).compareTo(BETWEEN_FETCHES) >= 0) {
      refresh();
    }
    if (document == null) {
      recall();
    }
    boolean known = set.knows(kid);
    IOException failure = lastFailure;
    if (!known && failure != null) {
      throw new Unavailable("the keys of the ticket service can't be had", failure);
    }
    if (!known && fetchedAt - firstAsked(kid, now) < 0) {
      throw new Unavailable(
          "the keys were fetched a moment ago; they are fetched again in a second");
    }
  }

  private long firstAsked(String kid, long now) {
    asked.values().removeIf(at -> now - at > ASKED_KEPT.toNanos());
    if (asked.size() == MOST_ASKED && !asked.containsKey(kid)) {
      asked.remove(asked.keySet().iterator().next());
    }
    Long before = asked.putIfAbsent(kid, now);
    return before == null ? now : before;
  }

  private void refresh() {
    long begun = nanoTime.getAsLong();
    try {
      String fetched = fetch();
      KeySet all = set(fetched);
      if (!fetched.equals(document)) {
        remember(fetched);
      }
      set = all;
      document = fetched;
      fetchedAt = begun;
      lastFailure = null;
    } catch (IOException e) {
      LOG.warnf(
          "Keys could not be fetched; those known stay in force location=%s cause=%s",
          location, e.toString());
      lastFailure = e;
    } finally {
      // A fetch that took long is not begun anew by the very next question.
      triedAt = nanoTime.getAsLong();
    }
  }

  private String fetch() throws IOException {
    if (!location.startsWith("http://") && !location.startsWith("https://")) {
      return Files.readString(Path.of(location));
    }
    HttpResponse<byte[]> response =
        ticketService.await(HttpRequest.newBuilder(URI.create(location)).build());
    if (response.statusCode() != 200) {
      throw new IOException("the ticket service answered " + response.statusCode());
    }
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  /// A set by which no grant could be verified is not the ticket service's.
  private static KeySet set(String document) throws IOException {
    KeySet set;
    try {
      set = KeySet.read(document.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IOException("not the ticket service's key set: " + e.getMessage(), e);
    }
    if (!set.signsGrants()) {
      throw new IOException("the key set has no key of the role grant");
    }
    return set;
  }

  private void remember(String fetched) throws IOException {
    try (Connection connection = database.getConnection();
        PreparedStatement upsert =
            connection.prepareStatement(
                """
                insert into grant_keys (id, jwks, fetched_at) values (1, ?, now())
                on conflict (id) do update set jwks = excluded.jwks, fetched_at = now()
                """)) {
      upsert.setString(1, fetched);
      upsert.executeUpdate();
    } catch (SQLException e) {
      throw new IOException("the key set could not be kept", e);
    }
  }

  private void recall() {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement("select jwks from grant_keys");
        ResultSet row = select.executeQuery()) {
      if (row.next()) {
        String kept = row.getString(1);
        set = set(kept);
        document = kept;
      }
    } catch (SQLException | IOException e) {
      throw new Unavailable("the keys of the ticket service can't be had", e);
    }
  }

  private Duration since(long then) {
    return Duration.ofNanos(nanoTime.getAsLong() - then);
  }
}
