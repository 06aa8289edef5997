package dev.countersign.audit.domain;

import java.util.Arrays;
import java.util.Locale;

/// As what an entry mentions a person.
public enum Role {
  /// Voted, looked at the ticket, or gave trust.
  APPROVER,
  /// Was among those who may answer, or was prompted.
  ASKED,
  /// A message went to them.
  RECIPIENT,
  /// The agent acts for them.
  REQUESTER,
  /// The agent is theirs.
  OWNER,
  /// Did it: cancelled, revoked, froze, found out.
  BY;

  /// As it stands in the index.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Those by which a search finds a person: who did something, and not who might have.
  public static String[] found() {
    return Arrays.stream(values())
        .filter(role ->
            switch (role) {
              case APPROVER, REQUESTER, OWNER, BY -> true;
              case ASKED, RECIPIENT -> false;
            })
        .map(Role::word)
        .toArray(String[]::new);
  }
}
