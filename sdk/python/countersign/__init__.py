"""Asks Countersign before a tool call that can't be undone, and checks its grant where it is run."""

from ._answer import AlreadyDone, Answer, NotApproved, Reason, Reconciled, Status
from ._canonical import canonical, digest
from ._client import Countersign, run
from ._grant import Approval, Grant, NotPermitted
from ._guard import run_key
from ._redeem import NoEffect, NotReported, Permit, Redeemer
from .aio import AsyncCountersign

__all__ = [
    "AlreadyDone",
    "Answer",
    "Approval",
    "AsyncCountersign",
    "Countersign",
    "Grant",
    "NoEffect",
    "NotApproved",
    "NotPermitted",
    "NotReported",
    "Permit",
    "Reason",
    "Reconciled",
    "Redeemer",
    "Status",
    "canonical",
    "digest",
    "run",
    "run_key",
]
