"""What goes over a real connection, and what a service that misbehaves comes to."""

import asyncio
import json
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Tuple, Union

from countersign import (
    AlreadyDone,
    AsyncCountersign,
    Countersign,
    NoEffect,
    NotApproved,
    NotPermitted,
    NotReported,
    Redeemer,
    Status,
    aio,
    run,
)

from countersign._redeem import _Keys

from .vectors import read

# Status, body, headers; None breaks the connection off, an event once it is set.
Answer = Union[Tuple[int, Any, Dict[str, str]], threading.Event, None]


class Server:
    """Answers as a script says, one after the other, and keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: List[Tuple[str, Dict[str, str], Any]] = []
        left = list(answers)
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked.append((f"{self.command} {self.path}", headers, json.loads(body or b"null")))
                answer = left.pop(0)
                if isinstance(answer, threading.Event):
                    answer.wait(20)
                if answer is None or isinstance(answer, threading.Event):
                    self.close_connection = True
                    return
                status, said, more = answer
                raw = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


KEY = "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d"
DONE = {"actionId": KEY, "status": "succeeded", "sayToUser": "Done.", "execution": {"status": "succeeded"}}
VECTORS = read("grants.json")
GRANT = VECTORS["cases"][0]["grant"]
PARAMETERS = VECTORS["parameters"]
YES = (200, {"actionId": KEY, "receipt": "r", "reportBy": "2026-11-26T12:15:00Z"}, {})


def problem(status: int, code: str) -> Answer:
    return (status, {"type": "urn:countersign:problem:" + code, "detail": "Do this."}, {})


def now() -> float:
    return datetime.fromisoformat(VECTORS["now"].replace("Z", "+00:00")).timestamp()


class ClientTest(unittest.TestCase):
    def test_a_proposal_carries_who_calls_and_survives_a_broken_connection(self) -> None:
        with Server(None, (503, b"<html>", {"retry-after": "0"}), (200, DONE, {}), (200, DONE, {})) as server:
            gate = Countersign(server.url + "/", agent={"id": "bot"}, token="key-1")
            answer = gate.guard("a/b", {"n": 1.0, "who": "Zürich"}, key=KEY, intent={"reason": "due"})
        self.assertIs(Status.SUCCEEDED, answer.status)
        for asked, headers, body in server.asked[:3]:
            self.assertEqual("POST /v1/actions", asked)
            self.assertEqual(("Bearer key-1", KEY), (headers["authorization"], headers["idempotency-key"]))
            self.assertEqual({"n": 1, "who": "Zürich"}, body["parameters"])
            self.assertEqual({"reason": "due"}, body["intent"])

    def test_it_works_in_an_event_loop(self) -> None:
        with Server((200, DONE, {}), (200, DONE, {})) as server:
            gate = AsyncCountersign(server.url, agent={"id": "bot"})
            answer = asyncio.run(gate.guard("a/b", {}, key=KEY))
        self.assertIs(Status.SUCCEEDED, answer.status)

    def test_a_key_is_not_carried_to_where_a_redirect_points(self) -> None:
        with Server() as elsewhere, Server((307, b"", {"location": elsewhere.url + "/v1/actions"})) as server:
            gate = Countersign(server.url, agent={"id": "bot"}, token="key-1")
            answer = gate.guard("a/b", {}, timeout=0.1)
        self.assertIs(Status.AWAY, answer.status)
        self.assertEqual([], elsewhere.asked)


class RedeemerTest(unittest.TestCase):
    def redeemer(self, server: Server, **more: Any) -> Redeemer:
        settings = {"keys": VECTORS["jwks"], "patience": 30.0, **more}
        return Redeemer(VECTORS["tool"], executor=server.url, clock=now, **settings)

    def refused(self, code: str, call: Callable[[], Any]) -> None:
        with self.assertRaises(NotPermitted) as no:
            call()
        self.assertEqual(code, no.exception.code)

    def test_a_decision_that_is_on_its_way_is_waited_for(self) -> None:
        with Server(problem(503, "decision-pending"), YES) as server:
            permit = self.redeemer(server).verify_and_redeem(GRANT, PARAMETERS)
        self.assertEqual((KEY, PARAMETERS), (permit.action_id, permit.parameters))
        self.assertEqual("r", permit.receipt)
        self.assertNotIn("receipt", repr(permit))
        self.assertNotIn("parameters", repr(permit))
        self.assertEqual({"grant": GRANT, "parameters": PARAMETERS}, server.asked[1][2])

    def test_who_does_not_hear_the_yes_does_not_run_it(self) -> None:
        with Server(None, problem(409, "used-up")) as server:
            self.refused("used-up", lambda: self.redeemer(server).verify_and_redeem(GRANT, PARAMETERS))
        with Server(None, (200, b"yes", {})) as server:
            redeemer = self.redeemer(server, patience=0.3)
            self.refused("executor-away", lambda: redeemer.verify_and_redeem(GRANT, PARAMETERS))

    def test_what_is_no_grant_for_it_never_gets_to_the_executor(self) -> None:
        with Server() as server:
            for case in VECTORS["cases"]:
                if case["expected"] != "permitted" and "at" not in case and "tool" not in case:
                    parameters = case.get("parameters", PARAMETERS)
                    self.refused(
                        case["expected"],
                        lambda: self.redeemer(server).verify_and_redeem(case["grant"], parameters),
                    )
        self.assertEqual([], server.asked)

    def test_keys_are_fetched_once_for_many_grants_and_without_them_nothing_is_permitted(self) -> None:
        with Server((200, VECTORS["jwks"], {}), YES, YES) as server:
            redeemer = self.redeemer(server, keys=server.url + "/.well-known/jwks.json")
            redeemer.verify_and_redeem(GRANT, PARAMETERS)
            redeemer.verify_and_redeem(GRANT, PARAMETERS)
        self.assertEqual("GET /.well-known/jwks.json", server.asked[0][0])
        self.assertEqual(3, len(server.asked))
        for answer in (None, (503, b"", {}), (200, {"keys": 1}, {})):
            with Server(answer) as server:
                redeemer = self.redeemer(server, keys=server.url + "/jwks.json")
                self.refused("keys-away", lambda: redeemer.verify(GRANT, PARAMETERS))

    def test_keys_that_are_away_are_waited_for_and_the_approval_is_not_thrown_away(self) -> None:
        with Server((503, b"", {}), (200, VECTORS["jwks"], {}), YES) as server:
            redeemer = self.redeemer(server, keys=server.url + "/jwks.json")
            self.assertEqual(KEY, redeemer.verify_and_redeem(GRANT, PARAMETERS).action_id)
        self.assertEqual(3, len(server.asked))
        with Server(None) as server:
            hasty = self.redeemer(server, keys=server.url + "/jwks.json", patience=0.3)
            self.refused("keys-away", lambda: hasty.verify_and_redeem(GRANT, PARAMETERS))
        self.assertEqual(1, len(server.asked))

    def test_an_address_of_keys_has_no_query(self) -> None:
        for keys in ("http://localhost:1/jwks.json?set=2", "http://localhost:1/#keys"):
            self.assertRaises(ValueError, Redeemer, "a/b", keys=keys)

    def test_a_strangers_key_holds_up_nobody_whose_key_is_known(self) -> None:
        known = VECTORS["jwks"]["keys"][0]["kid"]
        hangs = threading.Event()
        with Server((200, VECTORS["jwks"], {}), hangs) as server, ThreadPoolExecutor() as pool:
            keys = _Keys(server.url + "/jwks.json", now, None)
            self.assertIsNotNone(keys.find(known))
            self.assertIsNone(keys.find("stranger"), "it was asked a moment ago")
            keys._attempted -= 2
            strangers = [pool.submit(keys.find, "stranger") for _ in range(3)]
            while len(server.asked) < 2:
                time.sleep(0.01)
            try:
                self.assertIsNotNone(pool.submit(keys.find, known).result(5))
            finally:
                hangs.set()
            for stranger in strangers:
                self.refused("keys-away", stranger.result)
        self.assertEqual(2, len(server.asked), "one for all of them")

    def test_a_key_set_that_can_not_be_had_is_not_asked_for_at_once_again(self) -> None:
        known = VECTORS["jwks"]["keys"][0]["kid"]
        with Server((503, b"", {}), (200, VECTORS["jwks"], {})) as server:
            keys = _Keys(server.url + "/jwks.json", now, None)
            for _ in range(2):
                self.refused("keys-away", lambda: keys.find(known))
            self.assertEqual(1, len(server.asked))
            keys._attempted -= 2
            self.assertIsNotNone(keys.find(known))

    def test_how_it_ended_is_reported_and_doubt_is_not_called_a_failure(self) -> None:
        def fail(error: Exception) -> Callable[..., Any]:
            def function(**_: Any) -> None:
                raise error

            return function

        for function, error, status in (
            (lambda **_: 1, None, "succeeded"),
            (fail(ValueError("half way")), ValueError, "unknown"),
            (fail(NoEffect("not begun")), NoEffect, "failed"),
        ):
            with Server(YES, problem(503, "unavailable"), (200, {}, {})) as server:
                permit = self.redeemer(server).verify_and_redeem(GRANT, PARAMETERS)
                if error is None:
                    self.assertEqual(1, run(permit, function))
                else:
                    self.assertRaises(error, run, permit, function)
            asked, _, report = server.asked[2]
            self.assertEqual(f"POST /v1/executions/{KEY}/outcome", asked)
            self.assertEqual(("r", status), (report["receipt"], report["status"]))

    def test_where_a_grant_was_used_how_that_ended_is_asked_for_before_anything_is_told(self) -> None:
        approved = {
            "actionId": KEY,
            "status": "approved",
            "sayToUser": "Approved.",
            "decision": {"outcome": "approved"},
            "grant": GRANT,
        }
        failed = {"actionId": KEY, "status": "failed", "sayToUser": "It failed."}
        for ended, error in ((DONE, AlreadyDone), (failed, NotApproved), (approved, NotPermitted)):
            answers = ((202, approved, {}), problem(409, "used-up"), (200, ended, {}))
            for in_a_loop in (False, True):
                ran: List[str] = []
                with Server(*answers) as server:
                    settings: Dict[str, Any] = {"key": lambda _: KEY, "timeout": 0}
                    if in_a_loop:
                        later = AsyncCountersign(server.url, agent={"id": "bot"})

                        @later.guarded(self.redeemer(server), **settings)
                        async def deploy_later(**parameters: Any) -> None:
                            ran.append("later")

                        self.assertRaises(error, asyncio.run, deploy_later(**PARAMETERS))
                    else:
                        now = Countersign(server.url, agent={"id": "bot"})

                        @now.guarded(self.redeemer(server), **settings)
                        def deploy(**parameters: Any) -> None:
                            ran.append("now")

                        self.assertRaises(error, deploy, **PARAMETERS)
                self.assertEqual([], ran)

    def test_what_ran_and_could_not_be_reported_is_told_with_its_result(self) -> None:
        with Server(YES, problem(409, "answered")) as server:
            permit = self.redeemer(server).verify_and_redeem(GRANT, PARAMETERS)
            with self.assertRaises(NotReported) as unreported:
                run(permit, lambda **_: "deployed")
        told = unreported.exception
        self.assertEqual(("answered", "deployed", "succeeded"), (told.code, told.result, told.status))
        self.assertIs(permit, told.permit)

    def test_what_raised_and_could_not_be_reported_is_raised_with_both(self) -> None:
        for error, status in ((ValueError("half way"), "unknown"), (NoEffect("not begun"), "failed")):
            for in_a_loop in (False, True):
                for before in (None, KeyError("why")):
                    error.__context__ = before

                    def function(**_: Any) -> None:
                        raise error

                    async def later(**_: Any) -> None:
                        raise error

                    with Server(YES, problem(409, "answered")) as server:
                        permit = self.redeemer(server).verify_and_redeem(GRANT, PARAMETERS)
                        with self.assertRaises(type(error)) as raised:
                            asyncio.run(aio.run(permit, later)) if in_a_loop else run(permit, function)
                    self.assertIs(error, raised.exception)
                    last = error.__context__ if before is None else before.__context__
                    assert isinstance(last, NotReported)
                    self.assertEqual(("answered", status), (last.code, last.status))
                    self.assertIs(permit, last.permit)
                    self.assertIsNone(last.__context__)
                    self.assertIn("not reported: answered", error.__notes__[-1])  # type: ignore[attr-defined]


if __name__ == "__main__":
    unittest.main()
