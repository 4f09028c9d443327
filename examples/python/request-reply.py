"""A client asks, a server answers to the address of the client's own: a node that the broker made for it."""

from threading import Thread

from proton import Message

from example import connect, empty, expect, run

ADDRESS = "/queues/quotes"
PRICES = {"apple": "3", "pear": "4"}


def serve(connection, requests):
    receiver = connection.create_receiver(ADDRESS, name="server")
    answers = connection.create_sender(None)  # each answer goes where its request says
    for _ in range(requests):
        request = receiver.receive(timeout=10)
        price = PRICES[request.body]
        answers.send(Message(address=request.reply_to, correlation_id=request.correlation_id, body=price))
        receiver.accept()
    connection.close()


def main():
    client = connect()
    empty(client, ADDRESS)
    server = Thread(target=serve, args=(connect(), len(PRICES)), daemon=True)
    server.start()

    inbox = client.create_receiver(None, dynamic=True, credit=10)
    address = inbox.remote_source.address
    print(f"answers come to {address}")

    sender = client.create_sender(ADDRESS)
    for fruit in PRICES:
        sender.send(Message(body=fruit, reply_to=address, correlation_id=fruit))
    for _ in PRICES:
        answer = inbox.receive(timeout=10)
        inbox.accept()
        print(f"{answer.correlation_id} costs {answer.body}")
        expect(answer.correlation_id, answer.body, PRICES[answer.correlation_id])
    server.join(10)
    client.close()


run(main)
