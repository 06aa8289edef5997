import decimal
import json
import struct
import unittest

from countersign import canonical

from .vectors import read


class CanonicalTest(unittest.TestCase):
    def test_numbers_are_written_as_ecmascript_does(self) -> None:
        for each in read("canonical.json")["numbers"]:
            (number,) = struct.unpack(">d", bytes.fromhex(each["bits"]))
            self.assertEqual(each["canonical"], canonical(number).decode())

    def test_a_value_has_one_spelling(self) -> None:
        for each in read("canonical.json")["values"]:
            self.assertEqual(each["canonical"], canonical(json.loads(each["json"])).decode())

    def test_what_has_no_canonical_form_is_refused(self) -> None:
        for each in read("canonical.json")["refused"]:
            with self.assertRaises(ValueError, msg=each["says"]):
                canonical(json.loads(each["json"]))

    def test_what_is_not_json_is_not_bent_into_it(self) -> None:
        endless: list = []
        endless.append(endless)
        for value in (
            float("nan"),
            float("-inf"),
            2**53 + 1,
            10**400,
            {1: "one"},
            decimal.Decimal("1.0"),
            b"bytes",
            {"a set"},
            endless,
        ):
            with self.assertRaises(ValueError):
                canonical({"value": value})


if __name__ == "__main__":
    unittest.main()
