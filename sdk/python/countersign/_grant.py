"""Whether a grant permits exactly the call at hand, now: offline, with the public keys alone."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from . import _ed25519
from ._canonical import digest

ISSUER = "urn:countersign:ticket-service"
TYPE = "countersign-grant+jwt"
TOOL_CALL = "urn:countersign:tool-call:v1"

# How far the clocks of signer and verifier may be apart, in seconds.
LEEWAY = 5

# As long as the ticket service can make one.
_LONGEST = 512 * 1024
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class NotPermitted(Exception):
    """The call must not be run: ``code`` is stable, the message says why and what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Approval:
    """Who approved, how surely it was them, and when."""

    approver: str
    assurance: str
    at: str


@dataclass(frozen=True)
class Grant:
    """What an authentic grant that permits this call says."""

    action_id: str
    tool: str
    agent: Mapping[str, str]
    action_digest: str
    expires_at: datetime
    approvals: Tuple[Approval, ...]


# The public key of this id that signs grants and is in force; nothing where there is none.
FindKey = Callable[[str], Optional[bytes]]


def verify(
    token: str,
    tool: str,
    parameters: Mapping[str, Any],
    find_key: FindKey,
    now: float,
    issuer: str = ISSUER,
) -> Grant:
    """The grant, if it permits this tool with these parameters at this time; else NotPermitted.

    ``now`` is in seconds since 1970.
    """
    claims = _read(token, find_key)
    grant = _permits(claims, tool, parameters, issuer)
    _unless(now >= claims["nbf"] - LEEWAY, "grant-early", "it does not hold yet: look at the clocks")
    _unless(now < claims["exp"] + LEEWAY, "grant-expired", "its time is over; propose it anew")
    return grant


def keys_of(jwks: Any) -> Dict[str, Tuple[bytes, Optional[float]]]:
    """The keys of a JWK set (RFC 7517) that sign grants, by id, each with the end of its time.

    Raises ``ValueError`` where this is no key set.
    """
    if not isinstance(jwks, Mapping) or not isinstance(jwks.get("keys"), list):
        raise ValueError("a key set has an array of keys")
    keys: Dict[str, Tuple[bytes, Optional[float]]] = {}
    for jwk in jwks["keys"]:
        # A key has one role, and only those of this role sign grants.
        if not isinstance(jwk, Mapping) or jwk.get("role") != "grant":
            continue
        kid, x = jwk.get("kid"), jwk.get("x")
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise ValueError("grants are signed by keys on Ed25519")
        if not isinstance(kid, str) or not isinstance(x, str) or kid in keys:
            raise ValueError("a key without an id of its own")
        raw = _base64(x)
        if len(raw) != 32:
            raise ValueError("an Ed25519 key has 32 bytes")
        valid = jwk.get("validFor")
        until = valid.get("until") if isinstance(valid, Mapping) else None
        if not isinstance(until, (str, type(None))):
            raise ValueError("a key whose end can't be read")
        keys[kid] = (raw, None if until is None else _instant(until).timestamp())
    return keys


def _read(token: str, find_key: FindKey) -> Dict[str, Any]:
    """The claims, if the ticket service signed them as a grant (RFC 7515, RFC 8037)."""
    _unless(
        isinstance(token, str) and len(token) <= _LONGEST and token.isascii() and token.count(".") == 2,
        "grant-malformed",
        "the token is no signed JWT in compact form",
    )
    signed, _, last = token.rpartition(".")
    first, _, middle = signed.partition(".")
    try:
        header = _object(_base64(first))
        payload, signature = _base64(middle), _base64(last)
    except ValueError:
        raise NotPermitted("grant-malformed", "the token is no signed JWT in compact form") from None
    _unless(header.get("typ") == TYPE, "grant-type", f"the token's typ is not {TYPE}")
    _unless(header.get("alg") == "EdDSA", "grant-algorithm", "the token's alg is not EdDSA")
    _unless(
        "crit" not in header and "b64" not in header,
        "grant-header",
        "the token's header asks for what grants don't have",
    )
    kid = header.get("kid")
    key = find_key(kid) if isinstance(kid, str) else None
    if key is None:
        raise NotPermitted("grant-key", "the ticket service has no key of that kid")
    _unless(
        _ed25519.verifies(key, signed.encode("ascii"), signature),
        "grant-signature",
        "the token's signature is not good",
    )
    try:
        return _object(payload)
    except ValueError:
        raise NotPermitted("grant-claims", "the grant's claims are not those of a grant") from None


def _permits(claims: Dict[str, Any], tool: str, parameters: Mapping[str, Any], issuer: str) -> Grant:
    details = claims.get("authorization_details")
    _unless(
        isinstance(details, list) and len(details) == 1 and isinstance(details[0], dict),
        "grant-details",
        "a grant has exactly one authorization detail",
    )
    call: Dict[str, Any] = details[0]  # type: ignore[index]
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    agent = call.get("agent")
    approvals = claims.get("approvals", [])
    _unless(
        all(isinstance(claims.get(each), str) for each in ("iss", "sub", "jti"))
        and isinstance(audience, str)
        and all(type(claims.get(each)) is int for each in ("nbf", "exp"))
        and all(isinstance(call.get(each), str) for each in ("type", "identifier", "action_digest"))
        and _DIGEST.fullmatch(call["action_digest"]) is not None
        and isinstance(call.get("actions"), list)
        and (agent is None or isinstance(agent, dict))
        and isinstance(approvals, list),
        "grant-claims",
        "the grant's claims are not those of a grant",
    )
    _unless(claims["iss"] == issuer, "grant-issuer", f"the grant's iss is not {issuer}")
    _unless(
        call["type"] == TOOL_CALL and call["identifier"] == claims["jti"],
        "grant-details",
        "the grant's authorization_details are not of this call",
    )
    toolset, _, name = tool.partition("/")
    who = {"id": claims["sub"]}
    who.update({each: agent[each] for each in ("platform", "onBehalfOf") if agent and agent.get(each) is not None})
    action = {
        "actionId": claims["jti"],
        "agent": who,
        "parameters": parameters,
        "tool": {"name": name, "toolset": toolset},
    }
    _unless(
        digest(action) == call["action_digest"],
        "grant-digest",
        "the grant was given for another action: parameters, tool or agent differ",
    )
    _unless(audience == toolset, "grant-audience", "the grant's aud is not the action's toolset")
    _unless(
        agent is None or agent.get("id") == claims["sub"],
        "grant-subject",
        "the grant's sub is not the action's agent",
    )
    _unless(call["actions"] == [tool], "grant-details", "the grant's actions are not the action's tool")
    return Grant(
        action_id=claims["jti"],
        tool=tool,
        agent=who,
        action_digest=call["action_digest"],
        expires_at=datetime.fromtimestamp(claims["exp"], timezone.utc),
        approvals=tuple(_approval(each) for each in approvals),
    )


def _approval(claim: Any) -> Approval:
    said = claim if isinstance(claim, dict) else {}
    approver, assurance, at = said.get("approver"), said.get("assurance"), said.get("at")
    if not (isinstance(approver, str) and isinstance(assurance, str) and isinstance(at, str)):
        raise NotPermitted("grant-claims", "the grant's approvals are none")
    return Approval(approver, assurance, at)


def _unless(holds: bool, code: str, detail: str) -> None:
    if not holds:
        raise NotPermitted(code, detail)


def _base64(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None
    # Decoders forgive blanks and stray bits; a token that was touched at all is not what was signed.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
        raise ValueError("not in plain base64url")
    return raw


def _object(raw: bytes) -> Dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _once(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _instant(text: str) -> datetime:
    # Before Python 3.11 it reads neither Z nor more than six digits of a second.
    plain = re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00"))
    plain = re.sub(r"\.(\d{1,5})(?=[+-])", lambda part: "." + part.group(1).ljust(6, "0"), plain)
    instant = datetime.fromisoformat(plain)
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant
