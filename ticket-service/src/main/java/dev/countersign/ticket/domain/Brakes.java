package dev.countersign.ticket.domain;

/// What holds an approval back at this moment, whoever gives it and however sure it is that it is
/// they. A no is never held back.
///
/// @param held whether somebody held the session that asks
/// @param pace how fast this approver went lately
public record Brakes(boolean held, Pace pace) {

  /// Nothing does.
  public static final Brakes NONE = new Brakes(false, Pace.CALM);
}
