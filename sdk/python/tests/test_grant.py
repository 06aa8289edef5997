import unittest
from datetime import datetime
from typing import Optional

from countersign import NotPermitted
from countersign._grant import keys_of, verify

from .vectors import read


class GrantTest(unittest.TestCase):
    def test_a_grant_permits_its_call_and_nothing_else(self) -> None:
        vectors = read("grants.json")
        keys = keys_of(vectors["jwks"])
        self.assertGreater(len(vectors["cases"]), 40)
        for case in vectors["cases"]:
            now = _seconds(case.get("at", vectors["now"]))

            def find(kid: str, now: float = now) -> Optional[bytes]:
                key, until = keys.get(kid, (None, None))
                return key if until is None or now <= until else None

            try:
                verify(
                    case["grant"],
                    case.get("tool", vectors["tool"]),
                    case.get("parameters", vectors["parameters"]),
                    find,
                    now,
                )
                judged = "permitted"
            except NotPermitted as no:
                judged = no.code
            self.assertEqual(case["expected"], judged, case["says"])

    def test_a_key_set_that_is_none_is_refused(self) -> None:
        good = read("grants.json")["jwks"]["keys"][0]
        for jwks in (
            None,
            [],
            {"keys": {}},
            {"keys": [good, good]},
            {"keys": [{**good, "crv": "X25519"}]},
            {"keys": [{**good, "x": good["x"][:-2]}]},
            {"keys": [{**good, "validFor": {"until": "soon"}}]},
        ):
            with self.assertRaises(ValueError):
                keys_of(jwks)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    unittest.main()
