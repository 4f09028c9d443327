"""A topic exchange: each subscriber gets the orders whose key matches its pattern."""

from proton import Message

from example import connect, empty, expect, receive_all, run


def check(name, receiver, *wanted):
    keys = [message.body for message in receive_all(receiver)]
    print(f"{name} got {keys}")
    expect(name, keys, list(wanted))


def main():
    connection = connect()
    empty(connection, "/queues/all-orders")

    # In a pattern * is one word and # any number of words.
    europe = connection.create_receiver("/exchanges/orders/order.eu.#", name="europe", credit=10)
    paid = connection.create_receiver("/exchanges/orders/order.*.paid", name="paid", credit=10)

    # A sender without an address: each message says where it goes.
    sender = connection.create_sender(None)
    for key in ("order.eu.created", "order.eu.paid", "order.us.created", "order.us.paid"):
        sender.send(Message(address=f"/exchanges/orders/{key}", body=key))
        print(f"published {key}")

    check("order.eu.#", europe, "order.eu.created", "order.eu.paid")
    check("order.*.paid", paid, "order.eu.paid", "order.us.paid")
    # A queue bound with # in turnstone.yaml: it collected all of them, with nobody listening.
    everything = connection.create_receiver("/queues/all-orders", name="all", credit=10)
    check("the queue all-orders", everything, "order.eu.created", "order.eu.paid", "order.us.created", "order.us.paid")
    connection.close()


run(main)
