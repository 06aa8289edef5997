"""The tool's side: verify the grant, redeem it once, run, report."""

from __future__ import annotations

import math
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, Union
from urllib.parse import quote, urlsplit

from ._canonical import canonical, copy
from ._conversation import Reply, Unheard
from ._grant import ISSUER, Grant, NotPermitted, keys_of, verify
from ._http import Door

_SOON = 0.2
_SELDOM = 2.0
_FRESH = 300.0
_AGAIN = 1.0
_JSON = {"content-type": "application/json"}


class NoEffect(Exception):
    """To be raised by what is guarded where it certainly had no effect: reported as ``failed``."""


class NotReported(Exception):
    """It was run, and the executor could not be told how it ended: people will have to look.

    ``status`` is what was to be reported, by ``permit``, and ``result`` what the guarded function
    returned. Where that raised, its own exception is raised, with this one as the last ``__context__``.
    """

    def __init__(self, code: str, detail: str, permit: "Permit", status: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.permit = permit
        self.status = status
        self.result: Any = None


def attach(unreported: NotReported, broken: BaseException) -> None:
    """Lets what the function raised carry that it could not be reported."""
    last, seen = broken, {id(broken), id(unreported)}
    while last.__context__ is not None and id(last.__context__) not in seen:
        last = last.__context__
        seen.add(id(last))
    # It was raised while the other was handled.
    unreported.__context__ = None
    last.__context__ = unreported
    # Printed from Python 3.11 on.
    broken.__notes__ = [*getattr(broken, "__notes__", ()), f"not reported: {unreported}"]  # type: ignore[attr-defined]


class _Keys:
    """The ticket service's keys that sign grants, fetched when they are needed and kept a while."""

    def __init__(
        self,
        source: Union[str, Mapping[str, Any]],
        clock: Callable[[], float],
        tls: Optional[ssl.SSLContext],
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._fetching: Optional[threading.Event] = None
        self._fetched = -math.inf
        self._attempted = -math.inf
        # Why the last attempt failed, if it did.
        self._broken = ""
        self._keys: Dict[str, Tuple[bytes, Optional[float]]] = {}
        self._door: Optional[Door] = None
        self._path = ""
        if isinstance(source, str):
            parts = urlsplit(source)
            if parts.query or parts.fragment:
                raise ValueError(
                    f"{source} is no address of a key set: it has a query or a fragment; leave that out"
                )
            self._door = Door(f"{parts.scheme}://{parts.netloc}", tls=tls)
            self._path = parts.path
        else:
            self._keys = keys_of(source)

    def find(self, kid: str) -> Optional[bytes]:
        door = self._door
        if door is not None:
            with self._lock:
                done, mine = None, False
                if self._is_stale() or kid not in self._keys:
                    # A key that is not known may be new; strangers' tokens must not make it a flood, and
                    # must not hold up those whose key is known.
                    if self._fetching is None and time.monotonic() - self._attempted > _AGAIN:
                        self._fetching, mine = threading.Event(), True
                    done = self._fetching
            if mine:
                self._fetch(door)
            elif done is not None:
                done.wait()
        with self._lock:
            if door is not None and (self._is_stale() or (kid not in self._keys and self._broken)):
                raise NotPermitted("keys-away", self._broken)
            raw, until = self._keys.get(kid, (None, None))
            return raw if until is None or self._clock() <= until else None

    def _is_stale(self) -> bool:
        return time.monotonic() - self._fetched > _FRESH

    def _fetch(self, door: Door) -> None:
        """For all who wait for it: what became of it is in the fields."""
        keys, broken = None, "the ticket service's keys can't be had: it broke off"
        try:
            reply = door.send("GET", self._path)
            if isinstance(reply, Unheard) or reply.status != 200:
                why = reply.why if isinstance(reply, Unheard) else f"HTTP {reply.status}"
                broken = f"the ticket service's keys can't be had: {why}"
            else:
                keys = keys_of(reply.json)
        except ValueError as no_set:
            broken = f"no key set: {no_set}"
        finally:
            with self._lock:
                self._attempted = time.monotonic()
                if keys is None:
                    self._broken = broken
                else:
                    self._keys, self._fetched, self._broken = keys, self._attempted, ""
                done, self._fetching = self._fetching, None
            if done is not None:
                done.set()


@dataclass(frozen=True)
class Permit:
    """Run it, once, with exactly these parameters, and report how it ended. Nobody else may."""

    grant: Grant
    parameters: Mapping[str, Any] = field(repr=False)
    """What was approved: use these."""
    receipt: str = field(repr=False)
    report_by: str
    """Until when the outcome is waited for (RFC 3339); after that it is ``unknown``."""
    _redeemer: "Redeemer" = field(repr=False)

    @property
    def action_id(self) -> str:
        return self.grant.action_id

    def report(self, status: str, code: str = "done", summary: Optional[str] = None) -> None:
        """Says how it ended: ``succeeded``, ``failed`` (certainly without an effect) or ``unknown``.

        ``code`` and ``summary`` (of at most 64 and 500 characters) hold nothing sensitive. The same
        again changes nothing. Raises NotReported where it can't be told or another answer stands.
        """
        self._redeemer._report(self, status, code, summary)


class Redeemer:
    """Of one tool that is run here: the operator's ``connectors.yaml`` says ``type: delegated``.

    ``keys`` is the address of the ticket service's key set, or the set itself. ``patience`` is for how
    many seconds it is tried to reach the key set and the executor, ``tls`` may hold a client certificate, and
    ``clock`` is what a grant's times are held against: seconds since 1970. It may be shared by
    threads.
    """

    def __init__(
        self,
        tool: str,
        executor: str = "http://localhost:8084",
        keys: Union[str, Mapping[str, Any]] = "http://localhost:8082/.well-known/jwks.json",
        *,
        token: Optional[str] = None,
        tls: Optional[ssl.SSLContext] = None,
        issuer: str = ISSUER,
        patience: float = 30,
        clock: Callable[[], float] = time.time,
    ) -> None:
        toolset, slash, name = tool.partition("/")
        if not (toolset and slash and name):
            raise ValueError("a tool is named toolset/name, like releases/deploy")
        self.tool = tool
        self._executor = Door(executor, token, tls)
        self._keys = _Keys(keys, clock, tls)
        self._clock = clock
        self._issuer = issuer
        self._patience = patience

    def verify(self, grant: str, parameters: Mapping[str, Any]) -> Grant:
        """The grant, if it permits this tool with these parameters now; else raises NotPermitted.

        It proves the permission, and not that nobody else uses it: nothing may be run on it alone.
        """
        return verify(grant, self.tool, parameters, self._keys.find, self._clock(), self._issuer)

    def verify_and_redeem(self, grant: str, parameters: Mapping[str, Any]) -> Permit:
        """Uses the grant up for exactly these parameters: of all who ask, one gets a permit.

        Raises NotPermitted for everybody else, and where the answer could not be heard: the call
        must then not be run, as the answer may have been yes and it may have been to somebody else.
        """
        exact = copy(parameters)
        until = time.monotonic() + self._patience
        # A stranger's grant waits for its key no less: not for all of the time, nor in the way of others.
        verified = self._verified(grant, exact, time.monotonic() + self._patience / 3)
        body = canonical({"grant": grant, "parameters": exact})
        pause = _SOON
        while True:
            reply = self._executor.send("POST", "/v1/grants/redeem", body, _JSON)
            if isinstance(reply, Reply):
                said = reply.json or {}
                if reply.status == 200 and said.get("actionId") == verified.action_id:
                    receipt, report_by = said.get("receipt"), said.get("reportBy")
                    if isinstance(receipt, str) and isinstance(report_by, str):
                        return Permit(verified, exact, receipt, report_by, self)
                # An answer that is none may have used it up: whoever asks again learns that.
                if 400 <= reply.status < 500 and reply.status != 429:
                    raise NotPermitted(*_problem(reply))
            if time.monotonic() + pause > until:
                if isinstance(reply, Reply) and reply.status == 503 and reply.json:
                    raise NotPermitted(*_problem(reply))
                raise NotPermitted("executor-away", "it did not answer, so the call must not be run")
            time.sleep(pause)
            pause = min(pause * 2, _SELDOM)

    def _verified(self, grant: str, exact: Mapping[str, Any], until: float) -> Grant:
        """Asks for the keys until they are there: no approval is thrown away for want of them."""
        pause = _SOON
        while True:
            try:
                return self.verify(grant, exact)
            except NotPermitted as no:
                if no.code != "keys-away" or time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, _SELDOM)

    def _report(self, permit: Permit, status: str, code: str, summary: Optional[str]) -> None:
        if status not in ("succeeded", "failed", "unknown"):
            raise ValueError("status is succeeded, failed or unknown")
        report = {"receipt": permit.receipt, "status": status, "code": code}
        if summary is not None:
            report["summary"] = summary
        body = canonical(report)
        path = f"/v1/executions/{quote(permit.action_id)}/outcome"
        until = time.monotonic() + self._patience
        pause = _SOON
        while True:
            reply = self._executor.send("POST", path, body, _JSON)
            if isinstance(reply, Reply):
                if reply.status == 200:
                    return
                if 400 <= reply.status < 500 and reply.status != 429:
                    raise NotReported(*_problem(reply), permit=permit, status=status)
            if time.monotonic() + pause > until:
                raise NotReported("executor-away", "the executor does not answer", permit, status)
            time.sleep(pause)
            pause = min(pause * 2, _SELDOM)


def _problem(reply: Reply) -> Tuple[str, str]:
    said = reply.json or {}
    kind = said.get("type")
    code = kind.rpartition(":")[2] if isinstance(kind, str) else f"http-{reply.status}"
    return code, str(said.get("detail", f"the executor answered {reply.status}"))
