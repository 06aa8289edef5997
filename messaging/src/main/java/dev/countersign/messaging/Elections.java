package dev.countersign.messaging;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Starts the tasks of this service of which only one instance may run at a time.
@ApplicationScoped
public class Elections {

  private final Elected.Database database;
  private final List<Elected> running = new CopyOnWriteArrayList<>();

  @Inject
  Elections(
      @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
      @ConfigProperty(name = "quarkus.datasource.username") String user,
      @ConfigProperty(name = "quarkus.datasource.password") String password,
      @ConfigProperty(name = "countersign.db.options") String options,
      @ConfigProperty(name = "countersign.db.silence") Duration silence) {
    this.database = new Elected.Database(url, user, password, options, silence);
  }

  /// Runs `task` whenever `channel` is notified (never, where it is null), and at least every
  /// `poll`.
  public Elected start(String name, @Nullable String channel, Duration poll, Elected.Task task) {
    Elected elected = new Elected(name, database, channel, poll, task);
    running.add(elected);
    elected.start();
    return elected;
  }

  @PreDestroy
  void stop() {
    running.forEach(Elected::close);
  }
}
