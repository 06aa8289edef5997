"""The canonical form of JSON (RFC 8785), which an action's digest is taken of."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any, Mapping

_ESCAPES = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ESCAPES.update({chr(c): f"\\u{c:04x}" for c in range(0x20) if chr(c) not in _ESCAPES})
_TABLE = str.maketrans(_ESCAPES)


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value.

    Raises ``ValueError`` for what has none: NaN, infinities, lone surrogates, integers that no
    double holds, keys that are no text, and anything that is not JSON.
    """
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate in a string; send valid Unicode") from None
    except RecursionError:
        raise ValueError("nested too deep, or within itself") from None


def copy(value: Any) -> Any:
    """What is left of a value once it went over the wire: nobody else can change it any more."""
    return json.loads(canonical(value))


def digest(value: Any) -> str:
    """``sha256:`` and the hex SHA-256 of the canonical form."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def _text(value: Any) -> str:
    if value is None:
        return "null"
    # A bool is an int to Python: it goes first.
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(each) for each in value) + "]"
    raise ValueError(f"{type(value).__name__} is not JSON; send money and dates as strings")


def _object(value: Mapping[Any, Any]) -> str:
    if not all(isinstance(key, str) for key in value):
        raise ValueError("the keys of a JSON object are strings")
    keys = sorted(value, key=_utf16)
    return "{" + ",".join(_string(key) + ":" + _text(value[key]) for key in keys) + "}"


def _utf16(key: str) -> bytes:
    """What keys are sorted by (RFC 8785 §3.2.3): an emoji has two code units."""
    return key.encode("utf-16-be")


def _string(value: str) -> str:
    return '"' + str.__str__(value).translate(_TABLE) + '"'


def _integer(value: int) -> str:
    try:
        double = float(value)
    except OverflowError:
        double = math.inf
    if double != value:
        raise ValueError("an integer that no double holds; send it as a string")
    return _number(double)


def _number(value: float) -> str:
    """As ECMAScript writes it (RFC 8785 §3.2.2.3): the same digits as Python's, laid out otherwise."""
    if not math.isfinite(value):
        raise ValueError("JSON has neither NaN nor infinities")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # How many digits stand before the point.
    point = len(whole) + int(exponent or 0)
    if whole == "0":
        point = int(exponent or 0) - (len(fraction) - len(fraction.lstrip("0")))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = f"e{point - 1:+d}"
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + power
