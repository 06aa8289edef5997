# A function of one's own that runs once its call was approved. With `./countersign up` running:
# python3 -m examples.deploy
import os
import sys

from countersign import Countersign, Redeemer

gate = Countersign(os.environ.get("GATEWAY", "http://localhost:8080"), agent={"id": "release-bot"})
deploys = Redeemer(
    "releases/deploy",
    executor=os.environ.get("EXECUTOR", "http://localhost:8084"),
    keys=os.environ.get("KEYS", "http://localhost:8082/.well-known/jwks.json"),
)


@gate.guarded(deploys, tell=lambda answer: print(answer.say_to_user))
def deploy(service: str, version: str, environment: str = "staging") -> str:
    return f"{service} {version} is in {environment}"


print(deploy("checkout", sys.argv[1] if len(sys.argv) > 1 else "4.2.0-rc1"))
