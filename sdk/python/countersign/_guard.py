"""What both clients have in common: the proposal, its key, and the wrapping of functions."""

from __future__ import annotations

import hashlib
import inspect
import re
import uuid
from typing import Any, Callable, Dict, Mapping, Optional

from ._answer import Answer, AlreadyDone, NotApproved, Status
from ._canonical import canonical
from ._grant import NotPermitted

# As the gateway takes it, less what it would strip.
_KEY = re.compile(r'[!#-~]|[!#-~][ -~]{0,253}[!-~]')

DEFAULT_TIMEOUT = 900.0


def run_key(*parts: str) -> str:
    """One idempotency key of what names a step of a run: its thread and its tool call, for example.

    A step that is executed again then finds its own proposal, whatever characters its names have.
    """
    return "run:" + hashlib.sha256(canonical(list(parts))).hexdigest()


def checked_key(key: Optional[str]) -> str:
    if key is None:
        return str(uuid.uuid4())
    if not _KEY.fullmatch(key):
        raise ValueError("a key has 1 to 255 printable ASCII characters; run_key makes one of any text")
    return key


def proposal(
    agent: Mapping[str, str],
    tool: str,
    parameters: Mapping[str, Any],
    intent: Optional[Mapping[str, Any]],
    annotations: Optional[Mapping[str, Any]],
    deadline: Optional[str],
) -> Dict[str, Any]:
    toolset, slash, name = tool.partition("/")
    if not (toolset and slash and name):
        raise ValueError("a tool is named toolset/name, like payments/wire_transfer")
    if not isinstance(parameters, Mapping):
        raise ValueError("parameters are an object: a dict with string keys")
    said = {
        "agent": dict(agent),
        "tool": {"toolset": toolset, "name": name},
        "parameters": parameters,
        "intent": intent,
        "annotations": annotations,
        "deadline": deadline,
    }
    return {name: value for name, value in said.items() if value is not None}


def parameters_of(function: Callable[..., Any], in_a_loop: bool) -> Callable[..., Dict[str, Any]]:
    """Says by which parameters a call of this function is known: its arguments by their names."""
    # Its effect would come after it was reported, or never.
    if inspect.iscoroutinefunction(function) != in_a_loop:
        raise ValueError("Countersign guards functions, AsyncCountersign guards async ones")
    signature = inspect.signature(function)
    kinds = {each.kind for each in signature.parameters.values()}
    if inspect.Parameter.VAR_POSITIONAL in kinds or inspect.Parameter.POSITIONAL_ONLY in kinds:
        raise ValueError("a guarded function takes its arguments by name: an approver sees the names")

    def bind(*args: Any, **kwargs: Any) -> Dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        parameters: Dict[str, Any] = {}
        for name, value in bound.arguments.items():
            if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                parameters.update(value)
            else:
                parameters[name] = value
        return parameters

    return bind


# After a grant was found to be used: how it ended may be on its way to the gateway.
SETTLES = 10.0
USED_UP = "used-up"


def used_before(answer: Answer, no: NotPermitted) -> Exception:
    """What to tell of a grant that was used: how it ended, once that is known, or that it was used."""
    if not answer.is_final:
        return no
    return AlreadyDone(answer) if answer.took_effect else NotApproved(answer)


def grant_of(answer: Answer) -> str:
    """The grant of a yes that is not used yet; raises for every other answer."""
    if answer.took_effect:
        raise AlreadyDone(answer)
    if answer.status is not Status.APPROVED or answer.grant is None:
        raise NotApproved(answer)
    return answer.grant
