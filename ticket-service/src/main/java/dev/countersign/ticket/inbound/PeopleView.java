package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.Enrolments.Filed;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.Invitation;
import dev.countersign.ticket.domain.Party;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lays people and their passkeys out for the page. What a person called a device goes through
/// {@link Visible}.
@ApplicationScoped
class PeopleView {

  private final Roster roster;
  private final Pages pages;

  @Inject
  PeopleView(Roster roster, Pages pages) {
    this.roster = roster;
    this.pages = pages;
  }

  /// One passkey, or an invitation to make one.
  ///
  /// @param fingerprint where it waits for somebody to vouch for it
  /// @param mayConfirm whether that can be the reader
  record Line(
      String id,
      RawString label,
      String state,
      boolean counts,
      @Nullable String fingerprint,
      @Nullable String credential,
      boolean mayConfirm,
      List<String> notes) {}

  /// A person with theirs.
  record Entry(String id, String name, String mail, boolean admin, List<Line> passkeys) {}

  List<Line> mine(List<Filed> all, Party.Person reader) {
    return lines(all, reader.id(), reader);
  }

  /// Everybody, in the order of the operator's file, for an admin; nobody for others.
  List<Entry> others(List<Filed> all, Party.Person reader) {
    return reader.admin()
        ? roster.people().stream()
            .map(each ->
                new Entry(
                    each.id(),
                    each.name(),
                    each.mail(),
                    roster.isAdmin(each.id()),
                    lines(all, each.id(), reader)))
            .toList()
        : List.of();
  }

  /// Those who have a passkey or an invitation and whom the operator's file does not name any more,
  /// for an admin; nobody for others.
  List<Entry> left(List<Filed> all, Party.Person reader) {
    return reader.admin()
        ? all.stream()
            .map(each -> each.enrolment().invitation().approver())
            .filter(this::hasLeft)
            .distinct()
            .map(id -> new Entry(id, roster.name(id), "", false, lines(all, id, reader)))
            .toList()
        : List.of();
  }

  private boolean hasLeft(String approver) {
    return roster.find(approver).isEmpty();
  }

  private List<Line> lines(List<Filed> all, String approver, Party.Person reader) {
    return all.stream()
        .filter(each -> each.enrolment().invitation().approver().equals(approver))
        .map(each -> line(each, reader))
        .toList();
  }

  private Line line(Filed filed, Party.Person reader) {
    Moments moments = pages.moments(reader.id());
    PeopleWords words = pages.words(PeopleWords.class);
    Invitation invitation = filed.enrolment().invitation();
    String by = name(invitation.by(), words);
    return switch (filed.enrolment()) {
      case Enrolment.Invited it ->
          line(
              it,
              words.invitation(),
              words.invited(),
              false,
              List.of(words.invitedBy(by, moments.at(invitation.at()))));
      case Enrolment.Made it ->
          new Line(
              invitation.id().toString(),
              Visible.line(it.label()),
              words.waits(),
              false,
              it.credential().fingerprint(),
              it.credential().id(),
              mayConfirm(it, reader),
              List.of(words.madeAt(moment(filed.madeAt(), moments)), words.invitedByWhom(by)));
      case Enrolment.Confirmed it ->
          line(
              it,
              it.label(),
              hasLeft(invitation.approver()) ? words.rests() : words.counts(),
              !hasLeft(invitation.approver()),
              List.of(
                  words.confirmedBy(name(it.by(), words), moment(filed.confirmedAt(), moments)),
                  filed.lastUsedAt() == null
                      ? words.neverUsed()
                      : words.lastUsed(moments.at(filed.lastUsedAt()))));
      case Enrolment.Revoked it -> line(it, "", words.revoked(), false, List.of());
    };
  }

  private static Line line(
      Enrolment enrolment, String label, String state, boolean counts, List<String> notes) {
    return new Line(
        enrolment.invitation().id().toString(),
        Visible.line(label),
        state,
        counts,
        null,
        enrolment.passkey().map(Credential::id).orElse(null),
        false,
        notes);
  }

  /// What the rules would say; they are asked again when it is pressed.
  private boolean mayConfirm(Enrolment.Made made, Party.Person reader) {
    return reader.admin()
        && !hasLeft(made.invitation().approver())
        && reader.byPasskey()
        && !made.invitation().approver().equals(reader.id())
        && !made.invitation().by().equals(reader.id());
  }

  private String name(String party, PeopleWords words) {
    return party.equals(Party.OPERATOR) ? words.operator() : roster.name(party);
  }

  private static String moment(@Nullable Instant at, Moments moments) {
    return at == null ? "" : moments.at(at);
  }
}
