import json
import os
import unittest
from pathlib import Path

from countersign._ed25519 import verifies

# RFC 8032 §7.1: public key, message, signature.
TESTS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


class Ed25519Test(unittest.TestCase):
    def test_what_the_standard_signed_is_good(self) -> None:
        for key, message, signature in TESTS:
            self.assertTrue(verifies(*map(bytes.fromhex, (key, message, signature))))

    def test_a_bit_more_or_less_is_not(self) -> None:
        for key, message, signature in TESTS:
            raw = [bytearray.fromhex(each) for each in (key, message, signature)]
            for part in raw:
                for at in range(0, len(part) * 8, 37):
                    part[at // 8] ^= 1 << at % 8
                    self.assertFalse(verifies(*map(bytes, raw)), f"bit {at}")
                    part[at // 8] ^= 1 << at % 8
            self.assertTrue(verifies(*map(bytes, raw)))

    def test_a_signature_has_one_spelling(self) -> None:
        for key, message, signature in TESTS:
            raw = bytes.fromhex(signature)
            scalar = int.from_bytes(raw[32:], "little") + ORDER
            more = raw[:32] + scalar.to_bytes(32, "little")
            self.assertFalse(verifies(bytes.fromhex(key), bytes.fromhex(message), more))

    def test_what_is_no_point_or_too_short_is_no_key_and_no_signature(self) -> None:
        key, message, signature = map(bytes.fromhex, TESTS[1])
        # y = 2 is on no point of the curve; the others are 2^255 − 19 and more.
        for other in (b"\x02" + b"\0" * 31, b"\xed" + b"\xff" * 30 + b"\x7f", b"\xff" * 32, key[:31], b""):
            self.assertFalse(verifies(other, message, signature))
        self.assertFalse(verifies(key, message, signature[:63]))
        self.assertFalse(verifies(key, message, signature + b"\0"))

    @unittest.skipUnless("COUNTERSIGN_SIGNATURES" in os.environ, "the JDK's come from Java's tests")
    def test_it_judges_as_the_jdk_does(self) -> None:
        signatures = json.loads(Path(os.environ["COUNTERSIGN_SIGNATURES"]).read_text("utf-8"))
        self.assertGreater(len(signatures), 50)
        for each in signatures:
            raw = (bytes.fromhex(each[part]) for part in ("key", "message", "signature"))
            self.assertEqual(each["good"], verifies(*raw), each)


if __name__ == "__main__":
    unittest.main()
