"""What all SDKs are tried on: see sdk/vectors."""

import json
from pathlib import Path
from typing import Any


def read(name: str) -> Any:
    return json.loads((Path(__file__).parents[2] / "vectors" / name).read_text("utf-8"))
