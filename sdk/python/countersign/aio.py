"""The same for asyncio. No thread and no connection is held for as long as people take."""

from __future__ import annotations

import asyncio
import functools
import ssl
import time
from typing import Any, Awaitable, Callable, Mapping, Optional, TypeVar

from ._answer import Answer
from ._canonical import canonical
from ._conversation import Following, Pause, Reply, Talk, Tell, Unheard, checked_id, follow, propose
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

# Requests run in threads of the loop's pool. Machines answer soon, and may take a thread for so many
# seconds; while people are asked, each request is a short one, at the pace that the gateway names.
_HOLD = 5


class AsyncCountersign:
    """An agent's side of the gate, for one event loop at a time: see ``Countersign``."""

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

    async def guard(
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
        """``Countersign.guard``. Whoever cancels the task has not withdrawn the proposal."""
        said = proposal(self._agent, tool, parameters, intent, annotations, deadline)
        return await self._play(propose(said, checked_key(key), _following(timeout, until, tell), key is None))

    async def follow(
        self,
        action_id: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        until: str = "executed",
        tell: Optional[Tell] = None,
    ) -> Answer:
        """``Countersign.follow``."""
        return await self._play(follow(action_id, _following(timeout, until, tell)))

    async def cancel(self, action_id: str, reason: str) -> Answer:
        """``Countersign.cancel``."""
        body = canonical({"reason": reason})
        path = f"/v1/actions/{checked_id(action_id)}/cancel"
        await asyncio.to_thread(self._gateway.send, "POST", path, body, {"content-type": "application/json"})
        return await self.follow(action_id, timeout=0)

    def guarded(
        self,
        redeemer: Redeemer,
        *,
        key: Optional[Callable[[Mapping[str, Any]], str]] = None,
        intent: Optional[Mapping[str, Any]] = None,
        timeout: float = DEFAULT_TIMEOUT,
        tell: Optional[Tell] = None,
    ) -> Callable[[Callable[..., Awaitable[T]]], Callable[..., Awaitable[T]]]:
        """``Countersign.guarded``, of a coroutine function. One that is cancelled while it runs
        reports nothing, and ends as ``unknown``."""

        def wrap(function: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
            bind = parameters_of(function, in_a_loop=True)

            @functools.wraps(function)
            async def call(*args: Any, **kwargs: Any) -> T:
                parameters = bind(*args, **kwargs)
                answer = await self.guard(
                    redeemer.tool,
                    parameters,
                    key=key(parameters) if key is not None else None,
                    intent=intent,
                    timeout=timeout,
                    until="approved",
                    tell=tell,
                )
                grant = grant_of(answer)
                try:
                    permit = await asyncio.to_thread(redeemer.verify_and_redeem, grant, parameters)
                except NotPermitted as no:
                    if no.code != USED_UP or answer.action_id is None:
                        raise
                    settled = await self.follow(answer.action_id, timeout=min(timeout, SETTLES))
                    raise used_before(settled, no) from no
                return await run(permit, function)

            return call

        return wrap

    async def _play(self, talk: Talk) -> Answer:
        heard: "Reply | Unheard | None" = None
        try:
            while True:
                step = talk.send(heard)
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    heard = None
                else:
                    heard = await asyncio.to_thread(
                        self._gateway.send, step.method, step.path, step.body, step.headers, step.wait
                    )
        except StopIteration as end:
            answer: Answer = end.value
            return answer


async def run(permit: Permit, function: Callable[..., Awaitable[T]]) -> T:
    """Runs what a permit permits, and reports how it ended."""
    try:
        result = await function(**permit.parameters)
    except NoEffect as nothing:
        try:
            await asyncio.to_thread(permit.report, "failed", "no-effect")
        except NotReported as unreported:
            attach(unreported, nothing)
        raise
    except Exception as broken:
        # It may have got half way.
        try:
            await asyncio.to_thread(permit.report, "unknown", type(broken).__name__[:64])
        except NotReported as unreported:
            attach(unreported, broken)
        raise
    try:
        await asyncio.to_thread(permit.report, "succeeded")
    except NotReported as unreported:
        unreported.result = result
        raise
    return result


def _following(timeout: float, until: str, tell: Optional[Tell]) -> Following:
    return Following(time.monotonic, timeout, until, _HOLD, 0, tell)
