"""Verification of Ed25519 signatures (RFC 8032 §5.1.7), which Python's library does not have.

Only public values pass through here, so nothing is lost by taking longer for one than for another.
It signs nothing and holds no key.
"""

from __future__ import annotations

import hashlib
from typing import Optional, Tuple

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

# Extended homogeneous coordinates (RFC 8032 §5.1.4): x = X/Z, y = Y/Z, xy = T/Z.
_Point = Tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)


def verifies(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of this public key signed the message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    point = _decode(key)
    scalar = int.from_bytes(signature[32:], "little")
    # A larger scalar would be a second signature of the same message.
    if point is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    factor = int.from_bytes(hashed, "little") % _ORDER
    x, y, z, t = point
    # R = [S]B − [k]A, and R must be spelt as it was signed.
    expected = _add(_times(scalar, _BASE), _times(factor, (_P - x, y, z, _P - t)))
    return _encode(expected) == signature[:32]


def _decode(encoded: bytes) -> Optional[_Point]:
    """RFC 8032 §5.1.3; nothing where it is no point."""
    y = int.from_bytes(encoded, "little")
    odd = y >> 255
    y &= (1 << 255) - 1
    if y >= _P:
        return None
    u = (y * y - 1) % _P
    v = (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _ROOT % _P
    if v * x * x % _P != u:
        return None
    if x == 0 and odd:
        return None
    if x & 1 != odd:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _encode(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, _P - 2, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(factor: int, point: _Point) -> _Point:
    product = _NEUTRAL
    while factor > 0:
        if factor & 1:
            product = _add(product, point)
        point = _add(point, point)
        factor >>= 1
    return product


def _base() -> _Point:
    # y = 4/5, and x is even (RFC 8032 §5.1).
    base = _decode((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    if base is None:
        raise AssertionError("the base point is a point")
    return base


_BASE = _base()
