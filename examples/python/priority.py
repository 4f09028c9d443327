"""A queue with priorities: the urgent overtakes what waits, equals keep their order."""

from proton import Message

from example import connect, empty, expect, receive_all, run

ADDRESS = "/queues/tickets"


def main():
    connection = connect()
    empty(connection, ADDRESS)

    sender = connection.create_sender(ADDRESS)
    for body, priority in (("typo", 1), ("crash", 9), ("slow", 4), ("ugly", 1), ("leak", 9)):
        sender.send(Message(body=body, priority=priority))
        print(f"sent {body!r} with priority {priority}")

    receiver = connection.create_receiver(ADDRESS)
    order = [message.body for message in receive_all(receiver)]
    print(f"received {order}")
    expect("order", order, ["crash", "leak", "slow", "typo", "ugly"])
    connection.close()


run(main)
