# A tool that the executor runs. With `./countersign up` running: python3 -m examples.five_lines
import os
import sys

from countersign import Countersign

gate = Countersign(os.environ.get("GATEWAY", "http://localhost:8080"), agent={"id": "cleaner"})
key = sys.argv[1] if len(sys.argv) > 1 else "run-1"
answer = gate.guard("files/delete_files", {"paths": ["reports/old-1.csv"]}, key=key)
print(answer.say_to_user)
answer.require_succeeded()
