package dev.countersign.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `approvers.yaml` says: the people who may answer, the groups they stand in, who stands in
/// for whom, how much may be asked, and whom an agent belongs to.
///
/// People are recognised by id or by any address of theirs, after NFKC, trimming and case folding;
/// no two people may share such a name.
public final class Approvers {

  /// The class path name of the file's JSON Schema, for {@link OperatorFile#open}.
  public static final String SCHEMA = "schema/approvers.schema.json";

  /// Whoever holds the machine, and the rules of the service, stand in the log under these.
  private static final Set<String> RESERVED = Set.of("operator", "countersign");

  /// The group that is there without being written: the file's admins.
  public static final String ADMINS = "admins";

  /// How many questions an hour of an agent's reach people, where the file names no other number.
  public static final int AGENT_PROMPTS_PER_HOUR = 60;

  private final Map<String, Approver> byId;
  private final Map<String, Approver> byName;
  private final Map<String, Set<String>> groups;
  private final Map<String, String> owners;
  private final Set<String> admins;
  private final Set<String> policyOwners;
  private final OptionalInt weeklyBudget;
  private final int agentPromptsPerHour;
  private final Map<String, Integer> promptsPerHour;

  private Approvers(JsonNode json, Map<String, Approver> byId, Map<String, Approver> byName) {
    this.byId = byId;
    this.byName = byName;
    this.admins = people(json, "admins", byId);
    this.groups = groups(json, byId);
    this.groups.put(ADMINS, admins);
    this.owners = owners(json, byName);
    this.policyOwners = people(json, "policyOwners", byId);
    JsonNode attention = json.path("attention");
    this.weeklyBudget = optional(attention.path("weeklyBudget"));
    this.agentPromptsPerHour =
        optional(attention.path("agentPromptsPerHour")).orElse(AGENT_PROMPTS_PER_HOUR);
    this.promptsPerHour = promptsPerHour(json);
  }

  /// Reads the validated JSON of the file.
  public static Approvers parse(JsonNode json) {
    Map<String, Approver> byId = new LinkedHashMap<>();
    Map<String, Approver> byName = new HashMap<>();
    int index = 0;
    for (JsonNode each : json.path("approvers")) {
      String pointer = "/approvers/" + index++;
      Approver approver = approver(each, pointer);
      if (byId.put(approver.id(), approver) != null) {
        throw new BadValue(
            pointer + "/id", "\"" + approver.id() + "\" stands twice; give each person an id");
      }
      name(byName, approver, approver.id(), pointer + "/id");
      approver
          .addresses()
          .forEach((channel, address) ->
              name(byName, approver, address, pointer + "/addresses/" + channel));
    }
    checkStandIns(byId);
    return new Approvers(json, byId, byName);
  }

  private static Approver approver(JsonNode json, String pointer) {
    Map<String, String> addresses = new LinkedHashMap<>();
    json.path("addresses")
        .properties()
        .forEach(each -> addresses.put(each.getKey(), each.getValue().textValue()));
    List<Approver.StandIn> standIns = new ArrayList<>();
    for (JsonNode each : json.path("standIns")) {
      LocalDate from = LocalDate.parse(each.path("from").textValue());
      LocalDate until = LocalDate.parse(each.path("until").textValue());
      if (until.isBefore(from)) {
        throw new BadValue(
            pointer + "/standIns/" + standIns.size(), "it ends before it begins; swap the dates");
      }
      standIns.add(new Approver.StandIn(each.path("by").textValue(), from, until));
    }
    String id = json.path("id").textValue();
    if (RESERVED.contains(fold(id))) {
      throw new BadValue(
          pointer + "/id",
          "\"" + id + "\" is how the log calls a party of its own; take another id");
    }
    return new Approver(
        id,
        json.path("name").asText(id),
        addresses,
        zone(json, pointer),
        quietHours(json.path("quietHours"), pointer),
        optional(json.path("weeklyBudget")),
        standIns);
  }

  private static ZoneId zone(JsonNode json, String pointer) {
    if (!json.has("zone")) {
      return ZoneOffset.UTC;
    }
    try {
      return ZoneId.of(json.path("zone").textValue());
    } catch (DateTimeException e) {
      throw new BadValue(
          pointer + "/zone", "no such time zone; write one like Europe/Berlin or UTC");
    }
  }

  private static Approver.@Nullable QuietHours quietHours(JsonNode json, String pointer) {
    if (json.isMissingNode()) {
      return null;
    }
    LocalTime from = LocalTime.parse(json.path("from").textValue());
    LocalTime until = LocalTime.parse(json.path("until").textValue());
    if (from.equals(until)) {
      throw new BadValue(
          pointer + "/quietHours", "from and until are the same; leave quietHours out for none");
    }
    return new Approver.QuietHours(from, until);
  }

  // Two people behind one name would let one of them answer what the other asked.
  private static void name(
      Map<String, Approver> byName, Approver approver, String name, String pointer) {
    Approver other = byName.put(fold(name), approver);
    if (other != null && !other.id().equals(approver.id())) {
      throw new BadValue(
          pointer, "\"" + name + "\" is also " + other.id() + "'s; a name belongs to one person");
    }
  }

  private static void checkStandIns(Map<String, Approver> byId) {
    int index = 0;
    for (Approver approver : byId.values()) {
      String pointer = "/approvers/" + index++;
      int nth = 0;
      for (Approver.StandIn each : approver.standIns()) {
        String at = pointer + "/standIns/" + nth++ + "/by";
        if (!byId.containsKey(each.by())) {
          throw new BadValue(at, "\"" + each.by() + "\" is no approver of this file");
        }
        if (each.by().equals(approver.id())) {
          throw new BadValue(at, "nobody stands in for themselves; name somebody else");
        }
      }
    }
  }

  private static Map<String, Set<String>> groups(JsonNode json, Map<String, Approver> byId) {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    json.path("groups")
        .properties()
        .forEach(group -> {
          if (group.getKey().equals(ADMINS)) {
            throw new BadValue(
                "/groups/" + ADMINS,
                "this group is there already: it is everybody in admins; take another name");
          }
          Set<String> members = new LinkedHashSet<>();
          for (JsonNode member : group.getValue()) {
            if (!byId.containsKey(member.textValue())) {
              throw new BadValue(
                  "/groups/" + group.getKey() + "/" + members.size(),
                  "\"" + member.textValue() + "\" is no approver of this file");
            }
            members.add(member.textValue());
          }
          groups.put(group.getKey(), members);
        });
    return groups;
  }

  private static Set<String> people(JsonNode json, String of, Map<String, Approver> byId) {
    Set<String> people = new LinkedHashSet<>();
    for (JsonNode each : json.path(of)) {
      if (!byId.containsKey(each.textValue())) {
        throw new BadValue(
            "/" + of + "/" + people.size(),
            "\"" + each.textValue() + "\" is no approver of this file");
      }
      people.add(each.textValue());
    }
    return people;
  }

  // An owner who is nobody, or whom a second entry replaces, might answer for their own agent.
  private static Map<String, String> owners(JsonNode json, Map<String, Approver> byName) {
    Map<String, String> owners = new HashMap<>();
    Set<String> agents = new HashSet<>();
    for (JsonNode each : json.path("agents")) {
      String pointer = "/agents/" + agents.size();
      String id = each.path("id").textValue();
      if (!agents.add(fold(id))) {
        throw new BadValue(
            pointer + "/id",
            "\"" + id + "\" stands twice, however it is spelt; write one entry for each agent");
      }
      if (each.has("owner")) {
        String owner = each.path("owner").textValue();
        if (!byName.containsKey(fold(owner))) {
          throw new BadValue(
              pointer + "/owner",
              "\""
                  + owner
                  + "\" is no approver of this file; write the id or an address of one who is, or"
                  + " leave owner out");
        }
        owners.put(fold(id), owner);
      }
    }
    return owners;
  }

  private static Map<String, Integer> promptsPerHour(JsonNode json) {
    Map<String, Integer> promptsPerHour = new HashMap<>();
    for (JsonNode each : json.path("agents")) {
      optional(each.path("promptsPerHour"))
          .ifPresent(most -> promptsPerHour.put(fold(each.path("id").textValue()), most));
    }
    return promptsPerHour;
  }

  private static OptionalInt optional(JsonNode number) {
    return number.isMissingNode() ? OptionalInt.empty() : OptionalInt.of(number.intValue());
  }

  /// The person whom this id or address names, after NFKC, trimming and case folding.
  public Optional<Approver> find(String idOrAddress) {
    return Optional.ofNullable(byName.get(fold(idOrAddress)));
  }

  /// The person with exactly this id.
  public Optional<Approver> findById(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// Whether this person invites others and vouches for their passkeys.
  public boolean isAdmin(String id) {
    return admins.contains(id);
  }

  /// Those who do, by id.
  public Set<String> admins() {
    return Collections.unmodifiableSet(admins);
  }

  /// Whether this person answers for the rules: they see how much is asked of everybody.
  public boolean isPolicyOwner(String id) {
    return policyOwners.contains(id);
  }

  /// How many questions a week may reach this person by message: their own number, or the one for
  /// everybody; empty where neither is given, and then there is no end to it.
  public OptionalInt weeklyBudget(String id) {
    Approver approver = byId.get(id);
    return approver == null || approver.weeklyBudget().isEmpty()
        ? weeklyBudget
        : approver.weeklyBudget();
  }

  /// How many questions an hour of this agent's may reach people by message.
  public int promptsPerHour(String agentId) {
    return promptsPerHour.getOrDefault(fold(agentId), agentPromptsPerHour);
  }

  /// Everybody, in the order of the file.
  public Collection<Approver> all() {
    return byId.values();
  }

  /// Whether the file names this group.
  public boolean hasGroup(String group) {
    return groups.containsKey(group);
  }

  /// The groups in which this person may answer at that time: their own, and those of whom they
  /// stand in for on that day. Nobody stands in for an admin.
  public Set<String> groupsOf(String id, Instant at) {
    Set<String> of = new LinkedHashSet<>();
    groups.forEach((group, members) -> {
      if (members.contains(id)
          || (!group.equals(ADMINS) && members.stream().anyMatch(away -> covers(id, away, at)))) {
        of.add(group);
      }
    });
    return of;
  }

  /// Who may answer in these groups at that time, in the order of the file.
  public List<Approver> membersOf(Collection<String> wanted, Instant at) {
    return byId.values().stream()
        .filter(each -> groupsOf(each.id(), at).stream().anyMatch(wanted::contains))
        .toList();
  }

  /// Whom an agent belongs to, as the operator wrote it: an id or an address.
  public Optional<String> ownerOf(String agentId) {
    return Optional.ofNullable(owners.get(fold(agentId)));
  }

  private boolean covers(String id, String away, Instant at) {
    Approver absent = byId.get(away);
    if (absent == null) {
      return false;
    }
    LocalDate day = at.atZone(absent.zone()).toLocalDate();
    return absent.standIns().stream().anyMatch(each -> each.by().equals(id) && each.covers(day));
  }

  /// The spelling by which names are compared: NFKC, trimmed, case folded.
  public static String fold(String name) {
    String normal = Normalizer.normalize(name, Normalizer.Form.NFKC).strip();
    // Down, up and down again folds what one step leaves apart, such as ẞ, ß and the final sigma.
    String folded =
        normal.toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    return Normalizer.normalize(folded, Normalizer.Form.NFKC);
  }
}
