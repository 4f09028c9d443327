"""Two workers compete for the tasks of one queue: each task is done once."""

from proton import Message

from example import connect, empty, expect, run

ADDRESS = "/queues/tasks"


def main():
    connection = connect()
    empty(connection, ADDRESS)

    # One credit each: a worker gets its next task when it has done the one before.
    workers = {name: connection.create_receiver(ADDRESS, name=name, credit=1) for name in ("anna", "ben")}

    sender = connection.create_sender(ADDRESS)
    for number in range(1, 11):
        sender.send(Message(body=f"task {number}", durable=True))  # returns when the broker has accepted it
    print("sent 10 tasks")

    done = {name: [] for name in workers}
    for turn in range(5):
        for name, worker in workers.items():
            task = worker.receive(timeout=5)
            print(f"{name} does {task.body}")
            worker.accept()
            done[name].append(task.body)

    expect("tasks done", sorted(done["anna"] + done["ben"]), sorted(f"task {n}" for n in range(1, 11)))
    print("each task was done once")
    connection.close()


run(main)
