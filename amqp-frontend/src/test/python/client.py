"""Does with Qpid Proton what the tests ask: one JSON request per line on stdin, one JSON answer per line on stdout.

The first request connects; the answers have the fields of the Java records Published and Incoming.
"""

import hashlib
import json
import sys
import time

from proton import Delivery, Message, SSLDomain, Timeout, symbol, timestamp
from proton.handlers import TransactionHandler
from proton.reactor import AtLeastOnce, AtMostOnce, Container, Copy, DurableSubscription, Selector
from proton.utils import BlockingConnection, LinkDetached

LONG = 4096
OUTCOMES = {
    Delivery.ACCEPTED: "accepted",
    Delivery.REJECTED: "rejected",
    Delivery.RELEASED: "released",
    Delivery.MODIFIED: "modified",
}

connection = None


def connect(ask):
    global connection
    url = f"amqp://127.0.0.1:{ask['port']}"
    credentials = {"user": ask["user"], "password": ask["password"]} if ask.get("user") else {}
    if "cert" in ask:
        domain = SSLDomain(SSLDomain.MODE_CLIENT)
        domain.set_credentials(ask["cert"], ask["key"], None)
        domain.set_peer_authentication(SSLDomain.ANONYMOUS_PEER)
        url = url.replace("amqp:", "amqps:")
        credentials = {"ssl_domain": domain, "allowed_mechs": "EXTERNAL"}
    if "container" in ask:
        container = Container()
        container.container_id = ask["container"]
        credentials["container"] = container
    connection = BlockingConnection(url, timeout=20, allow_insecure_mechs=True, **credentials)
    return {"outcome": "open"}


def encoded(ask):
    message = Message(
        body=ask["body"],
        durable=ask["durable"],
        priority=ask["priority"],
        properties=ask["properties"],
    )
    if "to" in ask:
        message.address = ask["to"]
    if "subject" in ask:
        message.subject = ask["subject"]
    if "reply_to" in ask:
        message.reply_to = ask["reply_to"]
    if ask.get("ttl"):
        message.ttl = ask["ttl"] / 1000
    if ask.get("delay"):
        due = timestamp(int(time.time() * 1000) + ask["delay"])
        message.annotations = {symbol("x-opt-scheduled-enqueue-time"): due}
    return message


def refusal(link):
    condition = link.remote_condition
    if condition is None:
        return {"outcome": "refused", "condition": "", "description": ""}
    return {"outcome": "refused", "condition": condition.name, "description": condition.description or ""}


def send(ask):
    mode = AtMostOnce() if ask["settled"] else AtLeastOnce()
    try:
        sender = connection.create_sender(ask.get("target"), options=mode)
    except LinkDetached as e:
        return {"outcome": "refused", "condition": e.condition or "", "description": str(e)}
    try:
        delivery = sender.send(encoded(ask), error_states=[])
        if ask["settled"]:
            return {"outcome": "settled"}
        answer = {"outcome": OUTCOMES[delivery.remote_state]}
        condition = delivery.remote.condition
        if condition is not None:
            answer["condition"] = condition.name
            answer["description"] = condition.description or ""
            answer["info"] = condition.info or {}
        return answer
    except LinkDetached:
        return refusal(sender.link)
    finally:
        sender.close()


def decoded(message):
    body = message.body
    if isinstance(body, (bytes, memoryview)):
        body = bytes(body).decode()
    if len(body) > LONG:
        body = f"{len(body)} sha256:{hashlib.sha256(body.encode()).hexdigest()}"
    return {
        "body": body,
        "subject": message.subject,
        "reply_to": message.reply_to,
        "delivery_count": message.delivery_count,
        "priority": message.priority,
        "annotations": dict(message.annotations or {}),
    }


def settle(receiver, how):
    delivery = receiver.fetcher.unsettled[0]
    if how == "ACCEPTED":
        receiver.accept()
    elif how == "REJECTED":
        receiver.reject()
    elif how == "RELEASED":
        receiver.release(delivered=False)
    else:
        delivery.local.failed = True
        delivery.local.undeliverable = how == "UNDELIVERABLE"
        receiver.settle(Delivery.MODIFIED)


def receive(ask):
    options = Selector(ask["selector"]) if "selector" in ask else None
    receiver = connection.create_receiver(ask["address"], credit=0, options=options)
    try:
        if ask["wait"] == 0:
            if not drained(receiver, 1):
                return {"none": True}
            message = receiver.fetcher.pop()
        else:
            try:
                message = receiver.receive(timeout=ask["wait"] / 1000)
            except Timeout:
                return {"none": True}
        answer = decoded(message)
        settle(receiver, ask["settle"])
        return answer
    finally:
        receiver.close()


def drained(receiver, credit):
    """Gives so much credit, drains it and answers whether anything came."""
    receiver.link.drain(credit)
    connection.wait(lambda: receiver.link.credit == 0, msg="draining")
    return receiver.fetcher.has_message


def browse(ask):
    receiver = connection.create_receiver(ask["address"], credit=0, options=Copy())
    try:
        drained(receiver, 1000)
        seen = []
        while receiver.fetcher.has_message:
            seen.append(decoded(receiver.fetcher.pop()))
            receiver.accept()
        return {"seen": seen}
    finally:
        receiver.close()


def request(ask):
    receiver = connection.create_receiver(None, dynamic=True, credit=0)
    try:
        sent = send({**ask, "reply_to": receiver.link.remote_source.address})
        if sent["outcome"] != "accepted":
            return {"failure": f"request {sent}"}
        try:
            message = receiver.receive(timeout=ask["wait"] / 1000)
        except Timeout:
            return {"none": True}
        receiver.accept()
        return decoded(message)
    finally:
        receiver.close()


def subscribe(ask):
    """Attaches as a durable subscriber, takes a message if asked to wait, and leaves or ends the subscription."""
    receiver = connection.create_receiver(ask["address"], credit=0, name=ask["name"], options=DurableSubscription())
    answer = {"none": True}
    if ask["wait"] > 0:
        try:
            answer = decoded(receiver.receive(timeout=ask["wait"] / 1000))
            receiver.accept()
        except Timeout:
            pass
    if ask["end"]:
        receiver.close()
    else:
        connection.close()
    return answer


class Ending(TransactionHandler):
    """Notes how far a transaction has come."""

    def __init__(self):
        self.state = None

    def on_transaction_declared(self, event):
        self.state = "declared"

    def on_transaction_declare_failed(self, event):
        self.state = "not declared"

    def on_transaction_committed(self, event):
        self.state = "committed"

    def on_transaction_commit_failed(self, event):
        self.state = "commit failed"

    def on_transaction_aborted(self, event):
        self.state = "aborted"


def transact(ask):
    """Takes one message from each source and sends one to each target in one transaction, and ends it."""
    ending = Ending()
    transaction = connection.container.declare_transaction(connection.conn, handler=ending)
    connection.wait(lambda: ending.state is not None, msg="declaring a transaction")
    receivers = [connection.create_receiver(address, credit=1) for address in ask["sources"]]
    taken = []
    for receiver in receivers:
        taken.append(receiver.receive(timeout=10).body)
        transaction.accept(receiver.fetcher.unsettled.popleft())
    senders = [connection.create_sender(address) for address in ask["targets"]]
    for sender in senders:
        transaction.send(sender.link, Message(body=ask["body"], durable=True))
    declared, ending.state = ending.state, None
    if ask["commit"]:
        transaction.commit()
    else:
        transaction.abort()
    connection.wait(lambda: ending.state is not None, msg="ending a transaction")
    for link in senders + receivers:
        link.close()
    return {"outcome": ending.state, "declared": declared, "taken": taken}


OPERATIONS = {
    "connect": connect,
    "send": send,
    "receive": receive,
    "browse": browse,
    "request": request,
    "subscribe": subscribe,
    "transact": transact,
}

for line in sys.stdin:
    ask = json.loads(line)
    try:
        answer = OPERATIONS[ask["op"]](ask)
    except Exception as e:  # whatever the client throws is for the test to judge
        answer = {"failure": f"{type(e).__name__}: {e}", "condition": getattr(e, "condition", None) or ""}
    print(json.dumps(answer, default=str), flush=True)
