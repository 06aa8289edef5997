package dev.countersign.notifier.outbound;

import dev.countersign.config.Approver;
import dev.countersign.config.Approvers;
import dev.countersign.config.BadFile;
import dev.countersign.config.OperatorFile;
import dev.countersign.notifier.application.Addresses;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The addresses of `approvers.yaml`, as it stands now.
@ApplicationScoped
class OperatorAddresses implements Addresses {

  private final OperatorFile<Approvers> file;

  @Inject
  OperatorAddresses(@ConfigProperty(name = "countersign.config") Path config) throws BadFile {
    this.file =
        OperatorFile.open(config.resolve("approvers.yaml"), Approvers.SCHEMA, Approvers::parse);
  }

  /// Reads the file at start: a service that knows nobody must not come up.
  void start(@Observes StartupEvent event) {}

  @Override
  public Optional<Address> findMail(String approver) {
    return file.current().findById(approver).flatMap(OperatorAddresses::mail);
  }

  private static Optional<Address> mail(Approver approver) {
    return Optional.ofNullable(approver.address("mail"))
        .map(address -> new Address(address, approver.zone()));
  }

  @PreDestroy
  void stop() {
    file.close();
  }
}
