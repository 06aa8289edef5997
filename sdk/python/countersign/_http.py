"""One request over HTTP, by Python's own library."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from typing import Any, Mapping, Optional
from urllib.parse import urlsplit

from ._conversation import Reply, Unheard, _seconds

# Beyond the time that the server was allowed to take.
_PATIENCE = 15.0
_LONGEST = 8 * 1024 * 1024


class _StayHere(urllib.request.HTTPRedirectHandler):
    """An API that redirects is not the one that was asked, and must not get its key."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Door:
    """A service's address, and who calls."""

    def __init__(self, url: str, token: Optional[str] = None, tls: Optional[ssl.SSLContext] = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"{url} is no address of a service, like https://gateway.example")
        self._url = url.rstrip("/")
        self._headers = {"accept": "application/json"}
        if token is not None:
            # Python would say which value is none, and so would whatever logs that.
            if not token or not all("!" <= each <= "~" for each in token):
                raise ValueError("the token has characters that none has: a line end at its end, perhaps")
            self._headers["authorization"] = f"Bearer {token}"
        self._opener = _opener(tls or ssl.create_default_context() if parts.scheme == "https" else None)

    def send(
        self,
        method: str,
        path: str,
        body: Optional[bytes] = None,
        headers: Optional[Mapping[str, str]] = None,
        wait: float = 0,
    ) -> "Reply | Unheard":
        request = urllib.request.Request(
            self._url + path, data=body, method=method, headers={**self._headers, **(headers or {})}
        )
        try:
            with self._opener.open(request, timeout=wait + _PATIENCE) as response:
                return _reply(response.status, response.headers, response.read(_LONGEST))
        except urllib.error.HTTPError as answer:
            try:
                with answer:
                    return _reply(answer.code, answer.headers, answer.read(_LONGEST))
            except (OSError, http.client.HTTPException) as broken:
                return Unheard(f"{self._url} broke off: {broken}")
        except (OSError, http.client.HTTPException) as broken:
            return Unheard(f"{self._url} does not answer: {broken}")


def _opener(tls: Optional[ssl.SSLContext]) -> urllib.request.OpenerDirector:
    """Proxies are those of the environment. Neither files nor FTP: what is not HTTP is not asked."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _StayHere(),
    ):
        opener.add_handler(handler)
    if tls is not None:
        opener.add_handler(urllib.request.HTTPSHandler(context=tls))
    return opener


def _reply(status: int, headers: Any, body: bytes) -> Reply:
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        value = None
    try:
        retry_after = _seconds(float(headers.get("retry-after", "")))
    except ValueError:
        # Absent, or a date: ours say seconds.
        retry_after = None
    return Reply(status, value if isinstance(value, dict) else None, retry_after)
