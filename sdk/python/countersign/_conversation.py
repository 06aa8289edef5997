"""How a proposal is made and followed, as requests and pauses: no I/O, no clock, no thread.

Both clients play the same conversation: they send what it yields, and tell it what came back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Generator, Mapping, Optional, Union
from uuid import UUID

from ._answer import OPEN, Answer, Reason, Reconciled, Status
from ._canonical import canonical


@dataclass(frozen=True)
class Send:
    """A request. ``wait`` is how long the server may hold it, in seconds."""

    method: str
    path: str
    body: Optional[bytes] = None
    headers: Optional[Mapping[str, str]] = None
    wait: int = 0


@dataclass(frozen=True)
class Pause:
    """Nothing is to be sent for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Reply:
    """What came back; ``json`` is None where that was no JSON object."""

    status: int
    json: Optional[Mapping[str, Any]] = None
    retry_after: Optional[float] = None


@dataclass(frozen=True)
class Unheard:
    """Nothing came back: whether the request arrived is not known."""

    why: str


Talk = Generator[Union[Send, Pause], Union[Reply, Unheard, None], Answer]
Tell = Callable[[Answer], None]

_SOON = 0.2
_SELDOM = 5.0


@dataclass
class Following:
    """How long, how far and at which pace an action is followed.

    ``hold`` is how long the server may hold a request while machines work, ``hold_for_people`` while
    people are asked, both in seconds. With 0 the client asks again when the gateway says so.
    """

    now: Callable[[], float]
    timeout: float
    until: str
    hold: int
    hold_for_people: int
    tell: Optional[Tell] = None

    def __post_init__(self) -> None:
        if self.until not in ("executed", "approved"):
            raise ValueError("until is executed or approved")
        if not self.timeout >= 0:
            raise ValueError("timeout is a number of seconds, 0 or more")


def propose(proposal: Mapping[str, Any], key: str, following: Following, drawn: bool = False) -> Talk:
    """Asks for an action under a key, as often as it takes, and follows it.

    ``drawn`` where the key was made for this call alone, so that nothing stands under it from before.
    """
    send = Send(
        "POST",
        "/v1/actions",
        canonical(proposal),
        {"content-type": "application/json", "idempotency-key": key},
    )
    return _Conversation(key, following, drawn).propose(send)


def follow(action_id: str, following: Following) -> Talk:
    """Follows an action that was proposed before."""
    return _Conversation(None, following).follow(checked_id(action_id), None, None)


class _Conversation:
    def __init__(self, key: Optional[str], following: Following, drawn: bool = False) -> None:
        self._key = key
        self._drawn = drawn
        self._following = following
        self._until = following.now() + following.timeout
        self._backoff = _SOON
        self._told: Optional[str] = None

    def propose(self, send: Send, stands: bool = False) -> Talk:
        """``stands`` where it may have been proposed before: then a no is no answer to what stands."""
        while True:
            reply = yield send
            if isinstance(reply, Reply) and reply.status in (200, 202):
                # Under a UUID as key the answer is about that id, or it is none.
                state = _state(reply.json, _uuid(self._key))
                if state is not None:
                    return (yield from self.follow(state["actionId"], state, send))
            elif isinstance(reply, Reply) and _is_a_no(reply.status):
                if not stands and self._settles(reply):
                    return self._refused(reply)
                return self._untold(reply, _uuid(self._key))
            stands = stands or not (isinstance(reply, Reply) and reply.status == 429)
            gave_up = yield from self._pause(reply, _uuid(self._key))
            if gave_up is not None:
                return gave_up

    def follow(self, action_id: str, state: Optional[Mapping[str, Any]], again: Optional[Send]) -> Talk:
        # What the target answered comes with GET alone, so a final answer is asked for once.
        asked = False
        while True:
            if state is not None:
                answer = self._answer(state)
                if self._is_enough(answer) and (asked or answer.status is Status.APPROVED):
                    return answer
                if answer.status in OPEN:
                    self._tell(answer)
                if asked and self._left() <= 0:
                    return answer
            wait, pause = self._pace(state)
            if pause > 0:
                yield Pause(min(pause, self._left()))
            began = self._following.now()
            reply = yield Send("GET", f"/v1/actions/{action_id}?wait={wait}", wait=wait)
            heard = _state(reply.json, action_id) if isinstance(reply, Reply) and reply.status == 200 else None
            if heard is not None:
                self._backoff = _SOON
                # Whoever does not hold the request is not asked more often than they said.
                if wait > 0 and state is not None and heard["status"] == state["status"]:
                    early = (_seconds(heard.get("retryAfter")) or 0) - (self._following.now() - began)
                    if early > 0 and self._left() > 0:
                        yield Pause(min(early, self._left()))
                state, asked = heard, True
                continue
            if isinstance(reply, Reply) and reply.status == 404 and again is not None:
                # It was put back from a backup, or is another: the same proposal is the same action.
                gave_up = yield from self._pause(reply, action_id)
                return gave_up if gave_up is not None else (yield from self.propose(again, True))
            if isinstance(reply, Reply) and _is_a_no(reply.status):
                return self._untold(reply, action_id)
            gave_up = yield from self._pause(reply, action_id)
            if gave_up is not None:
                return gave_up

    def _pace(self, state: Optional[Mapping[str, Any]]) -> "tuple[int, float]":
        """For how long to let the next request be held, and what to pause before it."""
        people = state is not None and state["status"] in ("waiting", "unreachable")
        hold = self._following.hold_for_people if people else self._following.hold
        if state is None or _is_final(state["status"]) or self._left() <= 0:
            return 0, 0.0
        if hold == 0:
            return 0, (_seconds(state.get("retryAfter")) or _SELDOM)
        # At least a second: it ends no later than the caller's time by more than that.
        return max(1, int(min(hold, self._left()))), 0.0

    def _pause(self, reply: Union[Reply, Unheard, None], action_id: Optional[str]) -> Generator[
        Pause, None, Optional[Answer]
    ]:
        """Waits before the same is sent again; the answer where there is no time for that."""
        pause = self._backoff
        if isinstance(reply, Reply) and reply.retry_after is not None:
            pause = max(pause, reply.retry_after)
        self._backoff = min(self._backoff * 2, _SELDOM)
        if self._left() <= pause:
            return self._away(reply, action_id)
        yield Pause(pause)
        return None

    def _is_enough(self, answer: Answer) -> bool:
        if answer.status is Status.APPROVED:
            return self._following.until == "approved"
        return answer.is_final

    def _left(self) -> float:
        return self._until - self._following.now()

    def _tell(self, answer: Answer) -> None:
        if self._following.tell is not None and answer.say_to_user != self._told:
            self._told = answer.say_to_user
            self._following.tell(answer)

    def _answer(self, state: Mapping[str, Any]) -> Answer:
        word = state["status"]
        # Being checked, and being carried out, are no answers yet.
        status = Status.WAITING if word in ("received", "executing") else Status(word)
        return Answer(
            status=status,
            key=self._key,
            action_id=state["actionId"],
            say_to_user=state["sayToUser"],
            reason=_reason(state.get("reason")),
            grant=state.get("grant") if status is Status.APPROVED else None,
            decision=state.get("decision"),
            execution=state.get("execution"),
            reconciled=_reconciled(state.get("reconciled")),
            response=state.get("response"),
            state=state,
        )

    def _settles(self, reply: Reply) -> bool:
        """Whether this no is the gateway's own, and is to the proposal and not to whoever asks.

        Under a key that the caller gave, an earlier proposal may stand, and who may not ask is told
        nothing of it.
        """
        kind = (reply.json or {}).get("type")
        if not isinstance(kind, str) or not kind.startswith(_OURS) or reply.status == 401:
            return False
        return self._drawn or reply.status in (400, 413, 422) or _is_conflict(reply)

    def _refused(self, reply: Reply) -> Answer:
        reason = _problem(reply)
        said = (
            f"It was not taken, and what was proposed under its key before may still be done: {reason.text}"
            if _is_conflict(reply)
            else f"It was refused and not done: {reason.text}"
        )
        return Answer(
            status=Status.REFUSED,
            key=self._key,
            action_id=_uuid(self._key),
            say_to_user=said,
            reason=reason,
            state=reply.json or {},
        )

    def _untold(self, reply: Reply, action_id: Optional[str]) -> Answer:
        """A no to the question and not to the action, which goes on without whoever asked."""
        reason = _problem(reply)
        return Answer(
            status=Status.AWAY,
            key=self._key,
            action_id=action_id,
            say_to_user=f"The approval gate does not say how it stands, and it may still be done: {reason.text}",
            reason=reason,
        )

    def _away(self, reply: Union[Reply, Unheard, None], action_id: Optional[str]) -> Answer:
        if isinstance(reply, Unheard):
            why = reply.why
        else:
            status = reply.status if reply is not None else 0
            why = f"its answer was HTTP {status} and told nothing of the action"
        return Answer(
            status=Status.AWAY,
            key=self._key,
            action_id=action_id,
            say_to_user="The approval gate could not be asked; whether it was proposed is not known yet.",
            reason=Reason("gateway-away", why),
        )


def checked_id(action_id: str) -> str:
    """An action's id in its one spelling; raises ValueError where it is none."""
    known = _uuid(action_id)
    if known is None:
        raise ValueError("an action's id is a UUID of 36 characters")
    return known


def _is_a_no(status: int) -> bool:
    """A client's fault, which the same request would meet again."""
    return 400 <= status < 500 and status not in (408, 425, 429)


# The gateway's own problems; a proxy has others.
_OURS = "urn:countersign:problem:"


def _is_conflict(reply: Reply) -> bool:
    """The key stands for another action."""
    return reply.status == 409 and (reply.json or {}).get("type") == _OURS + "conflict"


_FINAL = {str(each) for each in Status if each not in OPEN and each is not Status.APPROVED}
_WORDS = {"received", "executing", "waiting", "unreachable", "approved"} | _FINAL


def _is_final(word: str) -> bool:
    return word in _FINAL


def _state(state: Optional[Mapping[str, Any]], action_id: Optional[str]) -> Optional[Mapping[str, Any]]:
    """The state, if it is one: of this action, in a word that we know, and a yes only with its proof."""
    if state is None or state.get("status") not in _WORDS or not isinstance(state.get("sayToUser"), str):
        return None
    actual = _uuid(state.get("actionId"))
    if actual is None or (action_id is not None and actual != action_id):
        return None
    status, decision, execution = state["status"], state.get("decision"), state.get("execution")
    if status == "approved":
        proven = isinstance(decision, Mapping) and decision.get("outcome") == "approved"
        return state if proven and isinstance(state.get("grant"), str) and state["grant"] else None
    if status == "succeeded":
        proven = isinstance(execution, Mapping) and execution.get("status") == "succeeded"
        return state if proven else None
    return state


def _uuid(text: Any) -> Optional[str]:
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _reason(value: Any) -> Optional[Reason]:
    if not isinstance(value, Mapping):
        return None
    return Reason(str(value.get("code", "")), str(value.get("text", "")))


def _reconciled(value: Any) -> Optional[Reconciled]:
    if value is None:
        return None
    found = value if isinstance(value, Mapping) else {}
    return Reconciled(str(found.get("finding", "")), str(found.get("at", "")))


def _problem(reply: Reply) -> Reason:
    """RFC 9457, section 3."""
    problem = reply.json or {}
    kind, detail = problem.get("type"), problem.get("detail")
    return Reason(
        kind.rpartition(":")[2] if isinstance(kind, str) else f"http-{reply.status}",
        detail if isinstance(detail, str) else f"the gateway answered {reply.status}",
    )


def _seconds(value: Any) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        return None
    return float(value)
