package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words about session trust.
@MessageBundle("trusts")
interface TrustWords {

  @Message("Trust")
  String heading();

  @Message("Sessions in which further calls are approved without asking, because somebody said so.")
  String lead();

  @Message("No session is trusted.")
  String none();

  @Message("Where the policy permits it, whoever approves may also trust the session.")
  String noneWhy();

  @Message("In force")
  String inForce();

  @Message("Used up")
  String usedUp();

  @Message("Over")
  String over();

  @Message("Revoked by {name}")
  String revokedBy(String name);

  @Message("Counts no more: the passkey it was given with is revoked")
  String unproven();

  @Message("Given by")
  String givenBy();

  @Message("To")
  String to();

  @Message("Run")
  String run();

  @Message("On behalf of")
  String onBehalfOf();

  @Message("For")
  String forTool();

  @Message("Calls")
  String calls();

  @Message("Sum")
  String sum();

  @Message("Until")
  String until();

  @Message("Only where")
  String onlyWhere();

  @Message("Given with")
  String givenWith();

  @Message("{used} of {most}")
  String usedOf(String used, String most);

  @Message("Revoke")
  String revoke();

  @Message("Ends it at once. From then on people are asked again.")
  String revokeWhy();

  @Message("Used by")
  String usedBy();

  @Message("and {count} more before")
  String moreUses(int count);

  @Message("Nothing has used it yet.")
  String unused();

  @Message("It was revoked. From now on people are asked again.")
  String revoked();

  @Message("It had ended already.")
  String unchanged();

  @Message(
      "This trust is for other people to end: whoever gave it, those who could have, or an admin.")
  String notTheirs();

  @Message("There is no such trust.")
  String notFound();

  @Message("Approved by a session’s trust")
  String approvedByTrust();

  @Message("Trust this session with more of the same")
  String offer();

  @Message("Approve further calls of this tool by this agent in this run without asking")
  String offerYes();

  @Message(
      "They run at once, and nobody looks at them first. You can end it at any time under Trust.")
  String offerWarning();

  @Message("How many further calls (at most {most})")
  String offerCalls(int most);

  @Message("For how many minutes (at most {most})")
  String offerMinutes(long most);

  @Message("Up to which sum over all of them (at most {most})")
  String offerSum(String most);

  @Message("Only with the same (with other fields than these it is asked about anyway)")
  String offerSame();

  @Message("The policy permits it only where")
  String offerCondition();

  @Message("The standing permissions have changed; the page shows them as they are now.")
  String changed();
}
