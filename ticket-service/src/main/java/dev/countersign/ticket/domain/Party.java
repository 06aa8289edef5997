package dev.countersign.ticket.domain;

/// Somebody who acts on an enrolment. Two acts count as those of two only if the parties differ.
public sealed interface Party {

  /// How whoever holds this machine's state folder is called in the log. No person has this id.
  String OPERATOR = "operator";

  /// The id that their acts stand under.
  String id();

  /// A person who is signed in.
  ///
  /// @param admin whether the operator's file names them as one now
  /// @param byPasskey whether their session began with a passkey of theirs
  record Person(String id, boolean admin, boolean byPasskey) implements Party {}

  /// Whoever holds this machine's state folder.
  record Operator() implements Party {
    @Override
    public String id() {
      return OPERATOR;
    }
  }
}
