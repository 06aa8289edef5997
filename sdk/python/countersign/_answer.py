"""What became of a proposal, in words that are never mixed up."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Mapping, Optional


class Status(str, Enum):
    """How a proposal stands. Only SUCCEEDED and APPROVED are a yes."""

    SUCCEEDED = "succeeded"
    """It was approved and done, unless a person found no effect (``reconciled``)."""
    APPROVED = "approved"
    """The answer is yes, and how it ended is not told yet: the grant is for whoever runs the tool."""
    REJECTED = "rejected"
    """An approver said no."""
    DENIED = "denied"
    """The policy said no."""
    EXPIRED = "expired"
    """Nobody answered in time, so the answer is no."""
    CANCELLED = "cancelled"
    """It was taken back."""
    REFUSED = "refused"
    """The system did not take it, as invalid; the reason says what to do."""
    FAILED = "failed"
    """It was approved, and running it failed without an effect, unless a person found one."""
    PRECONDITION_FAILED = "precondition-failed"
    """It was approved and not done: what it rests on had changed."""
    UNKNOWN = "unknown"
    """It may have taken effect. Never repeat it blindly: people look into it."""
    UNREACHABLE = "unreachable"
    """The caller's time is over, and no approver could be reached so far; an answer still counts."""
    WAITING = "waiting"
    """The caller's time is over, and there is no answer yet; it can be asked for later."""
    AWAY = "away"
    """The caller's time is over, and the gateway did not say. Ask again under the same key."""

    def __str__(self) -> str:
        return self.value


OPEN = frozenset({Status.UNREACHABLE, Status.WAITING, Status.AWAY})
"""Those after which an answer may still come."""


@dataclass(frozen=True)
class Reason:
    """Why: a stable code, and a sentence for a person."""

    code: str
    text: str


@dataclass(frozen=True)
class Reconciled:
    """What a person found at the target. The status stays, and this is what counts of it."""

    finding: str
    """``took-effect`` or ``no-effect``."""
    at: str
    """RFC 3339."""


@dataclass(frozen=True)
class Answer:
    """How a proposal stands. What does not apply is None.

    It is neither true nor false: ask for its ``status``. Its ``repr`` is fit for a log: it has no
    grant, and nothing that the target answered.
    """

    status: Status
    key: Optional[str]
    """The idempotency key that it was proposed under."""
    action_id: Optional[str]
    """The action's and the ticket's id; None where the gateway never answered."""
    say_to_user: str
    """One sentence to pass on to the user as it is."""
    reason: Optional[Reason] = None
    grant: Optional[str] = field(default=None, repr=False)
    """The permission for exactly this action, where it is APPROVED and nothing else."""
    decision: Optional[Mapping[str, Any]] = field(default=None, repr=False)
    execution: Optional[Mapping[str, Any]] = field(default=None, repr=False)
    """How it ended, as it was published."""
    reconciled: Optional[Reconciled] = None
    """What a person found, where somebody has looked: a later finding takes its place."""
    response: Optional[Mapping[str, Any]] = field(default=None, repr=False)
    """What the target answered, where the operator lets agents have it."""
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """All that the gateway said (``ActionState`` of its OpenAPI)."""

    @property
    def is_final(self) -> bool:
        """No other answer follows. APPROVED is not final: its outcome follows."""
        return self.status not in OPEN and self.status is not Status.APPROVED

    @property
    def took_effect(self) -> bool:
        """It was done: it succeeded and nobody found otherwise, or a person found that it was."""
        if self.reconciled is not None:
            return self.reconciled.finding == "took-effect"
        return self.status is Status.SUCCEEDED

    def require_succeeded(self) -> "Answer":
        """This answer, if it was approved and done; else raises NotApproved.

        It raises where a person found no effect, and also where what failed or was unknown is found
        to have taken effect: then how it ended was never told, and ``took_effect`` says so.
        """
        if self.status is not Status.SUCCEEDED or not self.took_effect:
            raise NotApproved(self)
        return self

    def __bool__(self) -> bool:
        # `if gate.guard(…):` would take every no for a yes.
        raise TypeError("an answer is neither true nor false: compare its status")


class NotApproved(Exception):
    """There is no yes to run on, and this call ran nothing: ``answer`` says how it stands, and whether
    it may have taken effect (``unknown``), has (``took_effect``) or still may (``waiting``, ``away``)."""

    def __init__(self, answer: Answer) -> None:
        found = answer.reconciled
        super().__init__(f"{found.finding if found else answer.status}: {answer.say_to_user}")
        self.answer = answer


class AlreadyDone(Exception):
    """It was done before under this key, so it was not run again: ``answer`` has how it ended."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"it was done before under this key: {answer.say_to_user}")
        self.answer = answer
