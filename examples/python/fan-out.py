"""One sender, three subscribers of a fanout exchange: each gets every message."""

from proton import Message

from example import connect, expect, receive_all, run

ADDRESS = "/exchanges/news"


def main():
    connection = connect()
    # Receiving from an exchange makes a private subscription, which ends with the receiver.
    readers = [connection.create_receiver(ADDRESS, name=f"reader {n}", credit=10) for n in (1, 2, 3)]

    sender = connection.create_sender(ADDRESS)
    for headline in ("rain", "more rain"):
        sender.send(Message(body=headline))
    print("published 2 headlines")

    for reader in readers:
        headlines = [message.body for message in receive_all(reader)]
        print(f"{reader.name} got {headlines}")
        expect(reader.name, headlines, ["rain", "more rain"])
    connection.close()


run(main)
