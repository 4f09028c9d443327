"""A message that fails each attempt ends in the dead-letter queue, and tells there why."""

from proton import Delivery, Message, Timeout

from example import connect, empty, expect, run

ADDRESS = "/queues/payments"
DEAD_LETTERS = "/queues/dlq.payments"


def main():
    connection = connect()
    empty(connection, ADDRESS)
    empty(connection, DEAD_LETTERS)

    sender = connection.create_sender(ADDRESS)
    for body in ("good card", "stolen card"):
        sender.send(Message(body=body, durable=True))

    # turnstone.yaml allows three attempts, 100 ms and more apart.
    receiver = connection.create_receiver(ADDRESS)
    attempts = []
    while len(attempts) <= 3:
        try:
            payment = receiver.receive(timeout=2)
        except Timeout:
            break
        if payment.body == "good card":
            print("good card: paid")
            receiver.accept()
        else:
            attempts.append(payment.delivery_count)
            print(f"stolen card: attempt {len(attempts)} failed")
            # The outcome "modified" with delivery-failed: this attempt counts, try again.
            receiver.fetcher.unsettled[0].local.failed = True
            receiver.settle(Delivery.MODIFIED)
    expect("failed deliveries before each attempt", attempts, [0, 1, 2])

    inspector = connection.create_receiver(DEAD_LETTERS)
    dead = inspector.receive(timeout=5)
    inspector.accept()
    print(f"dead letter: {dead.body!r}, failed {dead.delivery_count} times")
    history = dead.annotations or {}
    for name in ("x-first-death-queue", "x-first-death-reason", "x-opt-deaths"):
        print(f"  {name}: {history.get(name)}")
    expect("dead letter", dead.body, "stolen card")
    expect("queue where it died", history.get("x-first-death-queue"), "payments")
    connection.close()


run(main)
