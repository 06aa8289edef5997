package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words about the kill switch.
@MessageBundle("freezes")
interface FreezeWords {

  @Message("Freeze")
  String heading();

  @Message(
      "Nothing of what is frozen is executed, whatever was approved. Tickets stay as they are."
          + " Two admins lift a freeze by their passkeys.")
  String lead();

  @Message("Nothing is frozen.")
  String none();

  @Message("Frozen")
  String inForce();

  @Message("Lifted")
  String lifted();

  @Message("Everything")
  String ofAll();

  @Message("Agent {name}")
  String ofAgent(String name);

  @Message("Toolset {name}")
  String ofToolset(String name);

  @Message("By")
  String by();

  @Message("Since")
  String since();

  @Message("Why")
  String why();

  @Message("Lifted at")
  String liftedAt();

  @Message("Approved by")
  String liftedBy();

  @Message("the ticket")
  String ticket();

  @Message("To lift it, whoever runs the system types")
  String toLift();

  @Message("Two admins are then asked.")
  String thenAsked();

  @Message("the operator")
  String operator();

  @Message("Freeze now")
  String freezeHeading();

  @Message("What")
  String what();

  @Message("An agent")
  String agent();

  @Message("A toolset")
  String toolset();

  @Message("Its name, as in its requests")
  String name();

  @Message("Why, for those who read it")
  String reason();

  @Message(
      "Nothing of it begins any more once the executor has heard, within moments; what had begun ends.")
  String atOnce();

  @Message("Freeze")
  String freeze();

  @Message("Admins freeze; ask one of them, or whoever runs the system.")
  String adminsOnly();

  @Message("Say what to freeze: everything, an agent or a toolset.")
  String sayWhat();

  @Message("Name the agent or toolset and say why, each in one line of at most {most} characters.")
  String sayWhatAndWhy(int most);
}
