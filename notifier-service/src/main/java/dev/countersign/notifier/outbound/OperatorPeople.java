package dev.countersign.notifier.outbound;

import dev.countersign.config.Approver;
import dev.countersign.config.Approvers;
import dev.countersign.config.BadFile;
import dev.countersign.config.OperatorFile;
import dev.countersign.notifier.application.People;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The people of `approvers.yaml`, as it stands now.
@ApplicationScoped
class OperatorPeople implements People {

  private final OperatorFile<Approvers> file;

  @Inject
  OperatorPeople(@ConfigProperty(name = "countersign.config") Path config) throws BadFile {
    this.file =
        OperatorFile.open(config.resolve("approvers.yaml"), Approvers.SCHEMA, Approvers::parse);
  }

  /// Reads the file at start: a service that knows nobody must not come up.
  void start(@Observes StartupEvent event) {}

  @Override
  public Optional<Address> findMail(String approver) {
    return file.current().findById(approver).flatMap(OperatorPeople::mail);
  }

  private static Optional<Address> mail(Approver approver) {
    return Optional.ofNullable(approver.address("mail"))
        .map(address -> new Address(address, approver.zone()));
  }

  @Override
  public Optional<Instant> quietUntil(String approver, Instant at) {
    return file.current().findById(approver).flatMap(person -> person.quietUntil(at));
  }

  @Override
  public Set<String> groupsOf(String approver, Instant at) {
    return file.current().groupsOf(approver, at);
  }

  @PreDestroy
  void stop() {
    file.close();
  }
}
