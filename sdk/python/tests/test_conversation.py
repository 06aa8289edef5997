import math
import unittest
from typing import Any, Dict, List

from countersign import AlreadyDone, Answer, AsyncCountersign, Countersign, NotApproved, Redeemer, Status
from countersign._conversation import Following, Pause, Reply, Send, Unheard, propose
from countersign._guard import checked_key, grant_of, proposal, run_key

from .vectors import read


class _Played:
    """A conversation whose other side and clock are a script's."""

    def __init__(self, test: unittest.TestCase, case: Dict[str, Any], vectors: Dict[str, Any]) -> None:
        self.now = 1000.0
        self.told: List[str] = []
        following = Following(
            lambda: self.now,
            case["timeout"],
            case["until"],
            10 if case["until"] == "approved" else 30,
            10 if case["until"] == "approved" else 30,
            lambda answer: self.told.append(answer.say_to_user),
        )
        said = proposal(vectors["agent"], vectors["tool"], vectors["parameters"], None, None, None)
        talk = propose(said, vectors["key"], following, case.get("drawn", False))
        heard: Any = None
        steps = iter(case["steps"])
        bodies = set()
        try:
            while True:
                step = talk.send(heard)
                expected = next(steps, None)
                if isinstance(step, Pause):
                    test.assertAlmostEqual(expected["pause"], step.seconds, 6, case["says"])
                    self.now += step.seconds
                    heard = None
                else:
                    test.assertEqual(expected and expected["send"], f"{step.method} {step.path}", case["says"])
                    if step.method == "POST":
                        test.assertEqual(vectors["key"], (step.headers or {})["idempotency-key"])
                        bodies.add(step.body)
                    self.now += expected["takes"]
                    heard = _heard(expected["reply"])
        except StopIteration as end:
            self.answer: Answer = end.value
        test.assertIsNone(next(steps, None), case["says"])
        test.assertEqual(1, len(bodies), "a retry is the same proposal")


def _heard(reply: Dict[str, Any]) -> Any:
    if "unheard" in reply:
        return Unheard(reply["unheard"])
    return Reply(reply["status"], reply.get("json"), reply.get("retryAfter"))


class ConversationTest(unittest.TestCase):
    def test_every_conversation_goes_as_it_is_written(self) -> None:
        vectors = read("conversations.json")
        self.assertGreater(len(vectors["conversations"]), 25)
        for case in vectors["conversations"]:
            with self.subTest(case["says"]):
                played = _Played(self, case, vectors)
                expected = case["answer"]
                self.assertEqual(expected["status"], str(played.answer.status))
                if "grant" in expected:
                    self.assertEqual(expected["grant"], played.answer.grant)
                if "reason" in expected:
                    self.assertEqual(expected["reason"], played.answer.reason and played.answer.reason.code)
                if "sayToUser" in expected:
                    self.assertEqual(expected["sayToUser"], played.answer.say_to_user)
                if "reconciled" in expected:
                    found = played.answer.reconciled
                    self.assertEqual(expected["reconciled"], found and found.finding)
                self._requires(expected, played.answer)
                if "told" in case:
                    self.assertEqual(case["told"], played.told)

    def _requires(self, expected: Dict[str, Any], answer: Answer) -> None:
        succeeded = expected.get("succeeded", answer.status is Status.SUCCEEDED)
        done = expected.get("done", answer.status is Status.SUCCEEDED)
        if succeeded:
            answer.require_succeeded()
        else:
            with self.assertRaises(NotApproved) as no:
                answer.require_succeeded()
            self.assertIn(answer.say_to_user, str(no.exception))
        if answer.status is Status.APPROVED and not done:
            self.assertEqual(answer.grant, grant_of(answer))
        else:
            self.assertRaises(AlreadyDone if done else NotApproved, grant_of, answer)

    def test_who_holds_no_thread_for_people_asks_at_the_pace_that_the_gateway_names(self) -> None:
        now = [0.0]
        talk = propose({}, checked_key(None), Following(lambda: now[0], 900, "executed", 5, 0))
        step = next(talk)
        assert isinstance(step, Send) and step.headers is not None
        key = step.headers["idempotency-key"]
        state = {"actionId": key, "status": "received", "sayToUser": "…"}
        step = talk.send(Reply(202, state, 1))
        assert isinstance(step, Send)
        self.assertEqual(5, step.wait, "machines answer soon")
        for _ in range(3):
            pause = talk.send(Reply(200, {**state, "status": "waiting", "retryAfter": 5}, 5))
            self.assertEqual(Pause(5), pause)
            now[0] += 5
            step = talk.send(None)
            assert isinstance(step, Send)
            self.assertEqual(0, step.wait, "people take their time")

    def test_who_waits_for_ever_asks_as_long_as_the_gateway_holds(self) -> None:
        talk = propose({}, "key-1", Following(lambda: 0.0, math.inf, "executed", 30, 30))
        next(talk)
        state = {"actionId": "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d", "status": "waiting", "sayToUser": "…"}
        step = talk.send(Reply(202, state, 1))
        assert isinstance(step, Send)
        self.assertEqual(30, step.wait)

    def test_what_is_printed_of_an_answer_has_nothing_that_is_not_for_a_log(self) -> None:
        secret = {"said": "s3cret"}
        answer = Answer(
            Status.APPROVED, "key", None, "Yes.", None, "s3cret", secret, secret, None, secret, {"grant": "s3cret"}
        )
        for printed in (repr(answer), str(answer), f"{[answer]}"):
            self.assertIn("Yes.", printed)
            self.assertNotIn("s3cret", printed)

    def test_an_answer_is_neither_true_nor_false(self) -> None:
        with self.assertRaises(TypeError):
            bool(Answer(Status.REJECTED, None, None, "No."))

    def test_a_key_is_one_that_the_gateway_takes_as_it_is(self) -> None:
        for key in ("", " a", "a ", '"a"', "ü", "a\n", "x" * 256):
            with self.assertRaises(ValueError):
                checked_key(key)
        self.assertEqual("invoice 4711", checked_key("invoice 4711"))
        self.assertNotEqual(run_key("a", "bc"), run_key("ab", "c"))
        known = read("conversations.json")["runKey"]
        self.assertEqual(known["key"], checked_key(run_key(*known["parts"])))

    def test_bad_input_is_told_before_anything_is_sent(self) -> None:
        # Nothing listens there.
        gate = Countersign("http://localhost:9", agent={"id": "bot"})
        for tool, parameters in (("deploy", {}), ("a/b", []), ("a/b", {"at": object()}), ("a/", {})):
            with self.assertRaises(ValueError):
                gate.guard(tool, parameters, timeout=0)  # type: ignore[arg-type]
        for url in ("localhost:8080", "ftp://x", "http://x?y"):
            with self.assertRaises(ValueError):
                Countersign(url, agent={"id": "bot"})
        with self.assertRaises(ValueError):
            Countersign(agent={})

    def test_what_could_not_be_shown_by_name_or_reported_in_time_is_not_guarded(self) -> None:
        deploys = Redeemer("releases/deploy", keys=read("grants.json")["jwks"])

        async def later(version: str) -> None:
            raise AssertionError("it is not run")

        for gate, function in (
            (Countersign(agent={"id": "bot"}), later),
            (AsyncCountersign(agent={"id": "bot"}), print),
            (Countersign(agent={"id": "bot"}), lambda *versions: None),
        ):
            with self.assertRaises(ValueError):
                gate.guarded(deploys)(function)  # type: ignore[attr-defined]


if __name__ == "__main__":
    unittest.main()
