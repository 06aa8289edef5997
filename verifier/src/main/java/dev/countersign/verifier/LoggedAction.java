package dev.countersign.verifier;

import dev.countersign.events.Answer;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Expired;
import dev.countersign.events.Shown;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.events.VoteRecorded;
import dev.countersign.verifier.AttestationVerifier.Attested;
import dev.countersign.verifier.LoggedEvents.Logged;
import dev.countersign.verifier.PermissionVerifier.Permission;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What an action's entries prove of it, by what the ticket service signed in them: votes by their
/// attestations, a permission by its grant. Anybody with a topic may write the rest there. What
/// carries no such signature is named and ignored, and takes nothing from what is proven without
/// it; where two things that are signed contradict each other, nothing is proven.
final class LoggedAction {

  private final LoggedEvents events;
  private final AttestationVerifier attestations;
  private final DecisionVerifier decisions;
  private final PermissionVerifier permissions;
  private final Set<String> missingKeys;

  private final LoggedChain chain;

  private final Set<DsseEnvelope> carried = new HashSet<>();
  private final Map<DsseEnvelope, Logged<VoteRecorded>> voted = new LinkedHashMap<>();
  private final SortedMap<Long, String> claims = new TreeMap<>();
  private final SortedMap<Long, String> contradictions = new TreeMap<>();
  private @Nullable Logged<Decision> permitted;
  private @Nullable Permission permission;
  private final Map<Long, Permission> others = new TreeMap<>();
  private final Map<Digest, StandingPermission> given = new HashMap<>();
  private final List<Logged<Decision>> noes = new ArrayList<>();
  private final List<Logged<Decision>> signedNoes = new ArrayList<>();
  private @Nullable String said;

  /// Reads the entries, of which the log is known to hold each. Throws with the first that is
  /// wrong.
  ///
  /// @param missingKeys the ids of keys that the file names as the ticket service's, and that are
  ///   not at hand
  LoggedAction(
      EvidenceFile file, KeySet keys, AttestationVerifier attestations, Set<String> missingKeys)
      throws NotProven {
    this.events = new LoggedEvents(file.actionId(), file.entries());
    this.attestations = attestations;
    this.decisions = new DecisionVerifier(attestations);
    this.permissions = new PermissionVerifier(keys, decisions);
    this.missingKeys = Set.copyOf(missingKeys);
    readVotes();
    readDecisions();
    settle();
    chain = new LoggedChain(events, permitted, permission);
    chain.check();
  }

  /// What was proven about people, as a sentence, and what proves nothing.
  String sentence() {
    String proven = Objects.requireNonNullElseGet(said, this::undecided);
    return proven + events.sentence();
  }

  private String undecided() {
    return events.has(Topics.TICKET_OPENED)
        ? "People were asked, and nobody answered."
        : "Nobody was asked.";
  }

  /// Whether a payload was erased that could change who approved, or what. Where what is left would
  /// hold whatever was in it, it could not.
  boolean incomplete() {
    return events.erased(Topics.VOTE_RECORDED)
        || events.erased(Topics.DECISION)
        || (events.erased(Topics.TRUST) && trustsUnseen())
        || chain.incomplete();
  }

  /// Whether a vote behind the permission signed a trust that is not among the entries.
  private boolean trustsUnseen() {
    return permission != null
        && permission.votes().stream()
            .map(each -> each.vote().trust())
            .anyMatch(signed -> signed != null && !given.containsKey(signed));
  }

  /// The indexes of the entries from which nothing is concluded.
  List<Long> ignored() {
    return events.ignored();
  }

  /// The attestations of the action's own votes.
  Set<DsseEnvelope> voted() {
    return voted.keySet();
  }

  /// The attestations that its entries carry, whoever wrote them.
  Set<DsseEnvelope> carried() {
    return carried;
  }

  /// The keys that signed what is proven.
  Set<String> kids() {
    Set<String> kids = new HashSet<>();
    voted.keySet().forEach(each -> kids.add(kid(each)));
    if (permission != null) {
      kids.add(permission.kid());
    }
    return kids;
  }

  private static String kid(DsseEnvelope attestation) {
    return attestation.signatures().isEmpty()
        ? ""
        : String.valueOf(attestation.signatures().getFirst().keyid());
  }

  private void readVotes() throws NotProven {
    for (Logged<VoteRecorded> each : events.of(Topics.VOTE_RECORDED, VoteRecorded.class)) {
      DsseEnvelope attestation = each.event().attestation();
      if (attestation != null) {
        carried.add(attestation);
        mustHaveKeys(each.index(), List.of(kid(attestation)));
      }
      try {
        Attested vote = attested(attestations, each.event());
        voted.put(Objects.requireNonNull(attestation), each);
        said = Sentences.of(vote);
      } catch (NotProven e) {
        events.ignore(each.index(), e.sentence());
      }
    }
  }

  /// A signature by a key that the file names as the ticket service's is not taken for nobody's.
  private void mustHaveKeys(long index, Collection<String> kids) throws NotProven {
    for (String kid : kids) {
      if (missingKeys.contains(kid)) {
        throw NotProven.at(
            index,
            "it names the key "
                + Shown.text(kid)
                + ", which the key set at hand lacks: get the ticket service's keys anew");
      }
    }
  }

  /// The vote's attestation, where it is good and of this vote.
  static Attested attested(AttestationVerifier attestations, VoteRecorded vote) throws NotProven {
    DsseEnvelope envelope = vote.attestation();
    if (envelope == null) {
      throw new NotProven("the vote carries no attestation");
    }
    Attested attested = attestations.check(envelope);
    NotProven.unless(
        attested.vote().actionId().equals(vote.actionId())
            && attested.vote().approver().equals(vote.approver())
            && attested.vote().answer() == vote.answer()
            && attested.vote().assurance() == vote.assurance()
            && attested.vote().at().equals(vote.at()),
        "the attestation is of another vote than the event");
    return attested;
  }

  private void readDecisions() throws NotProven {
    readGiven();
    for (Logged<Decision> each : events.of(Topics.DECISION, Decision.class)) {
      carried.addAll(each.event().attestations());
      mustHaveKeys(
          each.index(), each.event().attestations().stream().map(LoggedAction::kid).toList());
      switch (each.event().outcome()) {
        case APPROVED -> readYes(each);
        case REJECTED, DENIED, CANCELLED, REFUSED -> readNo(each);
      }
    }
  }

  private void readGiven() {
    for (Logged<Trust> each : events.of(Topics.TRUST, Trust.class)) {
      StandingPermission permission = each.event().permission();
      if (each.event().change() == Trust.Change.GRANTED && permission != null) {
        try {
          given.put(permission.digest(), permission);
        } catch (IllegalArgumentException e) {
          events.ignore(each.index(), Shown.text(String.valueOf(e.getMessage())));
        }
      }
    }
  }

  private void readYes(Logged<Decision> yes) throws NotProven {
    Decision decision = yes.event();
    Grant grant;
    try {
      mustHaveKeys(yes.index(), List.of(GrantReader.kid(String.valueOf(decision.grant()))));
      grant = permissions.authentic(decision);
    } catch (InvalidGrant e) {
      claims.put(yes.index(), e.detail());
      return;
    } catch (IllegalArgumentException e) {
      claims.put(yes.index(), "its grant can't be read");
      return;
    }
    try {
      Permission found = permissions.check(decision, grant, given);
      mustHold(decision);
      if (permission == null) {
        permission = found;
        permitted = yes;
      } else {
        others.put(yes.index(), found);
      }
    } catch (IllegalArgumentException e) {
      contradictions.put(yes.index(), Shown.text(String.valueOf(e.getMessage())));
    } catch (NotProven e) {
      contradictions.put(yes.index(), e.sentence());
    }
  }

  /// A vote that counted was recorded.
  private void mustHold(Decision decision) throws NotProven {
    NotProven.unless(
        decision.basis() == Decision.Basis.TRUST
            || events.erased(Topics.VOTE_RECORDED)
            || voted.keySet().containsAll(decision.attestations()),
        "the decision carries a vote that the log does not hold");
  }

  private void readNo(Logged<Decision> no) {
    try {
      List<Attested> votes = decisions.attested(no.event());
      mustHold(no.event());
      if (!votes.isEmpty() && signedNoes.isEmpty()) {
        said = Sentences.ofNo(no.event(), votes);
      } else if (noes.isEmpty()) {
        String people = Objects.requireNonNullElseGet(said, this::undecided);
        said = people + " " + Sentences.ofNo(no.event(), votes);
      }
      noes.add(no);
      if (!votes.isEmpty()) {
        signedNoes.add(no);
      }
    } catch (NotProven e) {
      events.ignore(no.index(), e.sentence());
    } catch (IllegalArgumentException e) {
      events.ignore(no.index(), Shown.text(String.valueOf(e.getMessage())));
    }
  }

  /// Of all that was said about the answer, what is signed.
  private void settle() throws NotProven {
    List<Logged<Expired>> expired = events.of(Topics.EXPIRED, Expired.class);
    if (permission != null) {
      settlePermitted(expired);
    } else {
      mustBeNone(contradictions);
      if (noes.isEmpty() && expired.isEmpty()) {
        // Nothing else says how it ended.
        mustBeNone(claims);
      }
    }
    if (permission == null && !signedNoes.isEmpty()) {
      noes.stream()
          .filter(each -> !signedNoes.contains(each))
          .forEach(each ->
              events.ignore(each.index(), "nobody signed that it ended so, and people said no"));
    }
    claims.forEach(events::ignore);
    contradictions.forEach(events::ignore);
  }

  private static void mustBeNone(SortedMap<Long, String> wrong) throws NotProven {
    if (!wrong.isEmpty()) {
      throw NotProven.at(wrong.firstKey(), String.valueOf(wrong.get(wrong.firstKey())));
    }
  }

  private void settlePermitted(List<Logged<Expired>> expired) throws NotProven {
    Permission proven = Objects.requireNonNull(permission);
    for (Logged<VoteRecorded> each : voted.values()) {
      if (each.event().answer() == Answer.REJECT) {
        throw NotProven.at(each.index(), "somebody said no, and it was permitted: both are signed");
      }
    }
    for (Map.Entry<Long, Permission> each : others.entrySet()) {
      NotProven.unless(
          each.getValue().grant().actionDigest().equals(proven.grant().actionDigest()),
          Fault.at(each.getKey(), "the ticket service permitted two actions under one id")
              .toString());
    }
    Stream.concat(noes.stream(), expired.stream())
        .forEach(each ->
            events.ignore(each.index(), "nobody signed that it ended so, and it was permitted"));
    said = Sentences.of(proven);
  }
}
