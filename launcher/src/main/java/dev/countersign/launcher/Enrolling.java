package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `./countersign invite` and `confirm`: the operator of this machine is one of the two parties
/// that stand behind every passkey, proven by a secret that lies in the state folder.
final class Enrolling {

  private final JsonDoor service;
  private final PrintStream out;

  /// Where a yes is typed; null where nobody sits at a terminal.
  private final @Nullable BufferedReader terminal;

  /// @param service where the ticket service is
  Enrolling(JsonDoor service, PrintStream out, @Nullable BufferedReader terminal) {
    this.service = service;
    this.out = out;
    this.terminal = terminal;
  }

  /// Prints the link and the one-time code.
  int invite(String person) throws InterruptedException {
    ObjectNode body = JsonLines.JSON.createObjectNode().put("person", person);
    JsonNode invited = service.post("/v1/operator/invitations", body);
    out.printf(
        Locale.ROOT,
        """
        countersign: %s is invited, and the link was mailed to them:
          link    %s
          code    %s
        Tell them the code yourself, by phone or face to face; it is good for a day and five tries.
        Then compare the fingerprint that they see, and confirm it:
          ./countersign confirm %s
        """,
        text(invited, "name"),
        text(invited, "link"),
        text(invited, "code"),
        text(invited, "approver"));
    return 0;
  }

  /// Shows what waits, and confirms it: after a yes on a terminal; without one at once, where it is
  /// the only one that waits.
  int confirm(String person) throws InterruptedException {
    String query = "?person=" + URLEncoder.encode(person, StandardCharsets.UTF_8);
    JsonNode found = service.get("/v1/operator/passkeys" + query);
    JsonNode waiting = found.path("waiting");
    if (waiting.isEmpty()) {
      throw new StartRefused(nothingWaits(found));
    }
    if (terminal == null && waiting.size() > 1) {
      // One of them may be a thief's: nobody compares fingerprints here.
      throw new StartRefused(
          "several passkeys of "
              + text(found, "name")
              + " wait; compare them at a terminal: ./countersign confirm "
              + text(found, "approver"));
    }
    int confirmed = 0;
    for (JsonNode each : waiting) {
      out.printf(
          Locale.ROOT,
          "countersign: a passkey of %s waits, invited by %s%n  device       %s%n  fingerprint  %s%n",
          text(found, "name"),
          text(each, "invitedBy"),
          // They named it themselves.
          text(each, "label").replaceAll("[^\\p{L}\\p{N}\\p{P} ]", "?"),
          text(each, "fingerprint"));
      if (agreed()) {
        ObjectNode body =
            JsonLines.JSON.createObjectNode().put("credentialId", text(each, "credentialId"));
        service.post("/v1/operator/passkeys/" + text(each, "invitation") + "/confirm", body);
        out.println("countersign: confirmed; from now on it counts");
        confirmed++;
      } else {
        out.println("countersign: not confirmed; it counts for nothing");
      }
    }
    return confirmed == waiting.size() ? 0 : 1;
  }

  private static String nothingWaits(JsonNode found) {
    String name = text(found, "name");
    if (found.path("invited").intValue() > 0) {
      return name + " is invited and has not made a passkey yet; they follow the link in the mail";
    }
    return found.path("confirmed").intValue() > 0
        ? "no passkey of " + name + " waits; they have one that counts"
        : name + " has no passkey; ./countersign invite " + text(found, "approver");
  }

  private boolean agreed() {
    if (terminal == null) {
      return true;
    }
    out.print("Is that what they read out to you? [y/N] ");
    out.flush();
    try {
      String answer = terminal.readLine();
      return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    } catch (IOException _) {
      return false;
    }
  }

  private static String text(JsonNode json, String member) {
    return json.path(member).asText();
  }
}
