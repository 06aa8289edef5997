package dev.countersign.ticket.outbound;

import dev.countersign.config.Approvers;
import dev.countersign.config.BadFile;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Agent;
import dev.countersign.ticket.application.Budgets;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.domain.Approver;
import dev.countersign.ticket.domain.Budget;
import dev.countersign.ticket.domain.Electorate;
import dev.countersign.ticket.domain.Meter;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The people in `approvers.yaml`. Without a good file there is nobody to ask, so the service does
/// not start without one; a bad edit later leaves the last good one in force.
@ApplicationScoped
class RosterFile implements Roster, Budgets {

  private final OperatorFile<Approvers> file;

  @Inject
  RosterFile(@ConfigProperty(name = "countersign.config", defaultValue = "config") Path folder)
      throws BadFile {
    this.file =
        OperatorFile.open(folder.resolve("approvers.yaml"), Approvers.SCHEMA, Approvers::parse);
  }

  // Looked at once at start, so that a bad file is said then and not at the first verdict.
  void onStart(@Observes StartupEvent event) {
    Objects.requireNonNull(file.current());
  }

  @Override
  public Electorate electorate(Agent agent, Instant at) {
    Approvers approvers = file.current();
    List<Approver> people =
        approvers.all().stream()
            // Whoever can't be reached can't sign in either: no seat waits for them.
            .filter(each -> person(each).isPresent())
            .map(each -> new Approver(each.id(), approvers.groupsOf(each.id(), at)))
            .toList();
    Set<String> behind =
        Stream.of(
                Optional.of(agent.id()),
                Optional.ofNullable(agent.owner()),
                Optional.ofNullable(agent.onBehalfOf()),
                approvers.ownerOf(agent.id()))
            .flatMap(Optional::stream)
            .flatMap(name -> approvers.find(name).stream())
            .map(dev.countersign.config.Approver::id)
            .collect(Collectors.toSet());
    return new Electorate(people, behind);
  }

  @Override
  public Set<String> groups(String id, Instant at) {
    return file.current().groupsOf(id, at);
  }

  @Override
  public Optional<Person> find(String idOrAddress) {
    return file.current().find(idOrAddress).flatMap(RosterFile::person);
  }

  private static Optional<Person> person(dev.countersign.config.Approver approver) {
    return Optional.ofNullable(approver.address("mail"))
        .map(mail -> new Person(approver.id(), approver.name(), mail));
  }

  @Override
  public List<Person> people() {
    return file.current().all().stream().flatMap(each -> person(each).stream()).toList();
  }

  @Override
  public Set<String> admins() {
    return file.current().admins();
  }

  @Override
  public boolean isAdmin(String id) {
    return file.current().isAdmin(id);
  }

  @Override
  public Budget weekly(String id, Instant at) {
    return new Budget(
        Meter.ofWeek(id, zone(id), at), file.current().weeklyBudget(id).orElse(Budget.ENDLESS));
  }

  @Override
  public List<Budget> weekly(Instant at) {
    return file.current().all().stream().map(each -> weekly(each.id(), at)).toList();
  }

  @Override
  public boolean seesAll(String approver) {
    return file.current().isAdmin(approver) || file.current().isPolicyOwner(approver);
  }

  @Override
  public Budget hourly(Agent agent, Instant at) {
    // By the id alone, however it is spelt: on another platform it is no other agent's budget.
    return new Budget(
        Meter.ofHour(Approvers.fold(agent.id()), at), file.current().promptsPerHour(agent.id()));
  }

  @Override
  public ZoneId zone(String id) {
    return file.current()
        .findById(id)
        .map(dev.countersign.config.Approver::zone)
        .orElse(ZoneOffset.UTC);
  }

  @Override
  public String name(String id) {
    return file.current().findById(id).map(dev.countersign.config.Approver::name).orElse(id);
  }

  @PreDestroy
  void close() {
    file.close();
  }
}
