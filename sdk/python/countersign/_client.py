"""The client for programs that may block."""

from __future__ import annotations

import functools
import ssl
import time
from typing import Any, Callable, Mapping, Optional, TypeVar

from ._answer import Answer
from ._canonical import canonical
from ._conversation import Following, Pause, Reply, Send, Talk, Tell, Unheard, checked_id, follow, propose
from ._grant import NotPermitted
from ._guard import (
    DEFAULT_TIMEOUT,
    SETTLES,
    USED_UP,
    checked_key,
    grant_of,
    parameters_of,
    proposal,
    used_before,
)
from ._http import Door
from ._redeem import NoEffect, NotReported, Permit, Redeemer, attach

T = TypeVar("T")

# While people are asked the gateway holds the request, and nobody else does.
HOLD = 30
# Whoever waits for a grant, which lives for a minute or two, and asks the very moment that it is given
# misses the change: they learn of it so many seconds later.
HOLD_FOR_A_GRANT = 10


class Countersign:
    """An agent's side of the gate. It may be shared by threads.

    ``agent`` has at least an ``id``; ``session`` and ``onBehalfOf`` say which run it is and for whom.
    ``token`` is an API key or an access token, ``tls`` may hold a client certificate.
    """

    def __init__(
        self,
        gateway: str = "http://localhost:8080",
        *,
        agent: Mapping[str, str],
        token: Optional[str] = None,
        tls: Optional[ssl.SSLContext] = None,
    ) -> None:
        if not agent.get("id"):
            raise ValueError("agent needs an id")
        self._agent = dict(agent)
        self._gateway = Door(gateway, token, tls)

    def guard(
        self,
        tool: str,
        parameters: Mapping[str, Any],
        *,
        key: Optional[str] = None,
        intent: Optional[Mapping[str, Any]] = None,
        annotations: Optional[Mapping[str, Any]] = None,
        deadline: Optional[str] = None,
        timeout: float = DEFAULT_TIMEOUT,
        until: str = "executed",
        tell: Optional[Tell] = None,
    ) -> Answer:
        """Proposes one tool call and waits for what becomes of it.

        The same ``key`` is the same proposal, however often it is asked: give one that outlives a
        crash, or a retry is a second wish. ``timeout`` is in seconds; once it is over the proposal
        goes on waiting, and the same key asks for it again. ``until="approved"`` returns as soon as
        there is a grant, for tools that are run elsewhere. ``tell`` hears each change of what the
        user should know. ``intent`` are the agent's own words (``summary``, ``reason``,
        ``expectedEffect``, ``rollbackPlan``, ``confidence``), ``deadline`` is ISO 8601 (``PT1H``).
        """
        said = proposal(self._agent, tool, parameters, intent, annotations, deadline)
        return self._play(propose(said, checked_key(key), _following(timeout, until, tell), key is None))

    def follow(
        self,
        action_id: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        until: str = "executed",
        tell: Optional[Tell] = None,
    ) -> Answer:
        """Waits for what becomes of an action that was proposed before; with ``timeout=0``, says how
        it stands."""
        return self._play(follow(action_id, _following(timeout, until, tell)))

    def cancel(self, action_id: str, reason: str) -> Answer:
        """Asks to take a proposal back, and says how it stands then: once there is an answer, it stays.

        Follow it to learn whether it came in time. Where there is no answer after a moment, cancel once
        more: a gateway that was away has not heard it.
        """
        body = canonical({"reason": reason})
        door = self._gateway
        door.send("POST", f"/v1/actions/{checked_id(action_id)}/cancel", body, {"content-type": "application/json"})
        return self.follow(action_id, timeout=0)

    def guarded(
        self,
        redeemer: Redeemer,
        *,
        key: Optional[Callable[[Mapping[str, Any]], str]] = None,
        intent: Optional[Mapping[str, Any]] = None,
        timeout: float = DEFAULT_TIMEOUT,
        tell: Optional[Tell] = None,
    ) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """Makes a function run only once its call was approved, by its arguments' names and values.

        Its grant is verified and redeemed, it gets exactly what was approved, and how it ended is
        reported: an exception as ``unknown``, NoEffect as ``failed``. Raises NotApproved,
        NotPermitted, or, where this key's call was run before, AlreadyDone.
        """

        def wrap(function: Callable[..., T]) -> Callable[..., T]:
            bind = parameters_of(function, in_a_loop=False)

            @functools.wraps(function)
            def call(*args: Any, **kwargs: Any) -> T:
                parameters = bind(*args, **kwargs)
                answer = self.guard(
                    redeemer.tool,
                    parameters,
                    key=key(parameters) if key is not None else None,
                    intent=intent,
                    timeout=timeout,
                    until="approved",
                    tell=tell,
                )
                try:
                    permit = redeemer.verify_and_redeem(grant_of(answer), parameters)
                except NotPermitted as no:
                    if no.code != USED_UP or answer.action_id is None:
                        raise
                    settled = self.follow(answer.action_id, timeout=min(timeout, SETTLES))
                    raise used_before(settled, no) from no
                return run(permit, function)

            return call

        return wrap

    def _play(self, talk: Talk) -> Answer:
        heard: "Reply | Unheard | None" = None
        try:
            while True:
                step = talk.send(heard)
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    heard = None
                else:
                    heard = self._send(step)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    def _send(self, step: Send) -> "Reply | Unheard":
        return self._gateway.send(step.method, step.path, step.body, step.headers, step.wait)


def run(permit: Permit, function: Callable[..., T]) -> T:
    """Runs what a permit permits, and reports how it ended."""
    try:
        result = function(**permit.parameters)
    except NoEffect as nothing:
        try:
            permit.report("failed", "no-effect")
        except NotReported as unreported:
            attach(unreported, nothing)
        raise
    except Exception as broken:
        # It may have got half way.
        try:
            permit.report("unknown", type(broken).__name__[:64])
        except NotReported as unreported:
            attach(unreported, broken)
        raise
    try:
        permit.report("succeeded")
    except NotReported as unreported:
        unreported.result = result
        raise
    return result


def _following(timeout: float, until: str, tell: Optional[Tell]) -> Following:
    hold = HOLD_FOR_A_GRANT if until == "approved" else HOLD
    return Following(time.monotonic, timeout, until, hold, hold, tell)
