"""What the examples share: where the broker is, emptying a queue, and failing with a clear message."""

import os
import sys

from proton import ProtonException, Timeout
from proton.utils import BlockingConnection

URL = os.environ.get("TURNSTONE_URL", "amqp://guest:guest@localhost:5672")


def run(main):
    """Runs an example; exit code 0 only if it went as it should."""
    try:
        main()
    except ProtonException as error:
        sys.exit(f"FAILED: {type(error).__name__}: {error}")


def connect():
    try:
        mechanism = "PLAIN" if "@" in URL else "ANONYMOUS"
        return BlockingConnection(URL, timeout=10, allowed_mechs=mechanism)
    except ProtonException as error:
        sys.exit(f"FAILED: no broker at {URL.rpartition('@')[2]}: {error}")


def receive_all(receiver, quiet=0.3):
    """Accepts and returns what arrives until nothing has come for `quiet` seconds."""
    messages = []
    while True:
        try:
            messages.append(receiver.receive(timeout=quiet))
        except Timeout:
            return messages
        receiver.accept()


def empty(connection, address):
    """Takes away what an earlier, interrupted run may have left in a queue."""
    receiver = connection.create_receiver(address, name=f"empty {address}")
    left = receive_all(receiver)
    receiver.close()
    if left:
        print(f"(removed {len(left)} messages of an earlier run from {address})")


def expect(what, actual, wanted):
    if actual != wanted:
        sys.exit(f"FAILED: {what}: expected {wanted!r} but got {actual!r}")
