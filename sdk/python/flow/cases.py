"""The Python SDK against a whole system: what SdkTest runs.

It says on its output whom it waits for, one JSON object a line: {"ask": "approve" | "reject" |
"approve-after-kill", "actionId"}; and in the end {"effects"}: what the target must have seen once.
"""

import asyncio
import json
import os
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Type

from countersign import (
    AlreadyDone,
    Answer,
    AsyncCountersign,
    Countersign,
    NotApproved,
    NotPermitted,
    Redeemer,
    Status,
    run_key,
)

GATEWAY = os.environ["GATEWAY"]
RUN = str(uuid.uuid4())
AGENT = {"id": f"python-{RUN}", "session": RUN}
GATE = Countersign(GATEWAY, agent=AGENT)
DEPLOYS = Redeemer("releases/deploy", executor=os.environ["EXECUTOR"], keys=os.environ["KEYS"])
PATIENCE = 600.0
A_MOMENT = 5.0

effects: List[str] = []
_output = threading.Lock()


def say(line: Dict[str, Any]) -> None:
    with _output:
        print(json.dumps(line), flush=True)


def asking(what: str) -> Callable[[Answer], None]:
    asked = set()

    def tell(answer: Answer) -> None:
        if answer.action_id is not None and answer.action_id not in asked:
            asked.add(answer.action_id)
            say({"ask": what, "actionId": answer.action_id})

    return tell


def check(holds: bool, what: Any) -> None:
    if not holds:
        raise AssertionError(what)


def refused(error: Type[Exception], call: Callable[[], Any]) -> Any:
    try:
        result = call()
    except error as expected:
        return expected
    raise AssertionError(f"{error.__name__} was expected, and not {result!r}")


def an_allowed_action_is_done_once_under_its_key() -> None:
    key = run_key(RUN, "allowed")
    first = {"n": f"Zürich 🚀 {RUN}"}
    answer = GATE.guard("demo/noop", first, key=key, timeout=PATIENCE).require_succeeded()
    again = GATE.guard("demo/noop", first, key=key, timeout=PATIENCE).require_succeeded()
    check(answer.action_id == again.action_id, again)
    effects.append(str(answer.action_id))
    other = GATE.guard("demo/noop", {"n": "another"}, key=key, timeout=PATIENCE)
    check(other.status is Status.REFUSED and other.reason is not None, other)
    check(other.reason.code == "conflict", other)  # type: ignore[union-attr]


def what_the_policy_or_the_system_says_no_to_is_told_apart() -> None:
    transfer = {
        "recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
        "amount": "0.00",
        "currency": "EUR",
    }
    answer = GATE.guard("payments/wire_transfer", transfer, timeout=PATIENCE)
    check(answer.status is Status.DENIED and answer.grant is None, answer)
    refused(NotApproved, answer.require_succeeded)
    deep: Dict[str, Any] = {}
    for _ in range(40):
        deep = {"deeper": deep}
    answer = GATE.guard("demo/noop", deep, timeout=PATIENCE)
    check(answer.status is Status.REFUSED and answer.reason is not None, answer)
    check(answer.reason.code == "too-deep", answer)  # type: ignore[union-attr]


def an_approved_action_is_done_once_however_often_it_is_asked_for() -> None:
    key = run_key(RUN, "approved")
    parameters = {"folder": RUN, "paths": ["old"]}

    def ask() -> Answer:
        return GATE.guard(
            "files/delete_files", parameters, key=key, timeout=PATIENCE, tell=asking("approve")
        )

    answer = ask().require_succeeded()
    check(ask().require_succeeded().action_id == answer.action_id, answer)
    effects.append(str(answer.action_id))


def a_rejected_action_is_not_done() -> None:
    answer = GATE.guard(
        "files/delete_files", {"paths": ["all"]}, timeout=PATIENCE, tell=asking("reject")
    )
    check(answer.status is Status.REJECTED and answer.grant is None, answer)


def what_waits_can_be_left_and_found_and_taken_back() -> None:
    answer = GATE.guard("files/delete_files", {"paths": ["some"]}, timeout=0)
    check(answer.status is Status.WAITING, answer)
    ended = answer
    while not ended.is_final:
        # A gateway that is away has not heard it.
        GATE.cancel(str(answer.action_id), "not wanted any more")
        ended = GATE.follow(str(answer.action_id), timeout=A_MOMENT)
    check(ended.status is Status.CANCELLED, ended)


def a_grant_is_used_once_and_for_its_parameters_alone() -> None:
    key = run_key(RUN, "delegated")
    parameters = {"service": "checkout", "version": "4.2.0-rc1", "environment": "staging"}

    def ask(until: str) -> Answer:
        return GATE.guard("releases/deploy", parameters, key=key, timeout=PATIENCE, until=until)

    grant = str(ask("approved").grant)
    changed = {**parameters, "version": "4.2.0-rc2"}
    no = refused(NotPermitted, lambda: DEPLOYS.verify_and_redeem(grant, changed))
    check(no.code == "grant-digest", no)
    permit = DEPLOYS.verify_and_redeem(grant, parameters)
    check(permit.parameters == parameters, permit)
    no = refused(NotPermitted, lambda: DEPLOYS.verify_and_redeem(grant, parameters))
    check(no.code == "used-up", no)
    permit.report("succeeded", "deployed", "checkout is in staging")
    done = ask("executed").require_succeeded()
    check((done.execution or {}).get("reportedBy") == "tool", done)


def a_guarded_function_runs_once_though_the_gateway_died_meanwhile() -> None:
    ran = []

    @GATE.guarded(
        DEPLOYS,
        key=lambda parameters: run_key(RUN, "killed"),
        timeout=PATIENCE,
        tell=asking("approve-after-kill"),
    )
    def deploy(service: str, version: str, environment: str) -> str:
        ran.append(version)
        return f"{service} {version}"

    check(deploy("checkout", version="4.2.0", environment="production") == "checkout 4.2.0", ran)
    # How it ended comes to the gateway a moment later.
    parameters = {"service": "checkout", "version": "4.2.0", "environment": "production"}
    GATE.guard(
        "releases/deploy", parameters, key=run_key(RUN, "killed"), timeout=PATIENCE
    ).require_succeeded()
    refused(AlreadyDone, lambda: deploy("checkout", "4.2.0", "production"))
    check(ran == ["4.2.0"], ran)


def many_wait_in_one_event_loop() -> None:
    async def all_of_them() -> None:
        gate = AsyncCountersign(GATEWAY, agent=AGENT)
        answers = await asyncio.gather(
            *(gate.guard("demo/noop", {"n": n}, timeout=PATIENCE) for n in range(20)),
            gate.guard("files/delete_files", {"paths": ["a"]}, timeout=PATIENCE, tell=asking("approve")),
        )
        effects.extend(str(answer.require_succeeded().action_id) for answer in answers)

        @gate.guarded(DEPLOYS, timeout=PATIENCE)
        async def deploy(service: str, version: str, environment: str) -> str:
            return version

        check(await deploy("billing", "1.0.0", environment="staging") == "1.0.0", "the async one")

    asyncio.run(all_of_them())


CASES = [
    an_allowed_action_is_done_once_under_its_key,
    what_the_policy_or_the_system_says_no_to_is_told_apart,
    an_approved_action_is_done_once_however_often_it_is_asked_for,
    a_rejected_action_is_not_done,
    what_waits_can_be_left_and_found_and_taken_back,
    a_grant_is_used_once_and_for_its_parameters_alone,
    a_guarded_function_runs_once_though_the_gateway_died_meanwhile,
    many_wait_in_one_event_loop,
]


def main() -> int:
    failed = 0
    with ThreadPoolExecutor(len(CASES)) as pool:
        for case, running in [(case, pool.submit(case)) for case in CASES]:
            error = running.exception()
            if error is not None:
                failed += 1
                print(f"{case.__name__}: {error!r}", file=sys.stderr, flush=True)
    say({"effects": effects, "failed": failed})
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
