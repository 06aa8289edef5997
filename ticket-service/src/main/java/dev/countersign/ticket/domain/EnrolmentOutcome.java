package dev.countersign.ticket.domain;

/// What a command does to an enrolment.
public sealed interface EnrolmentOutcome {

  record Changed(Enrolment enrolment) implements EnrolmentOutcome {}

  /// It was done before.
  record Unchanged(Enrolment enrolment) implements EnrolmentOutcome {}

  /// An expected no; the enrolment stays as it is.
  record Refused(EnrolmentRefusal refusal) implements EnrolmentOutcome {}
}
