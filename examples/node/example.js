// What the examples share: connecting, waiting, emptying a queue, and failing with a clear message.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import rhea from 'rhea';

const url = new URL(process.env.TURNSTONE_URL ?? 'amqp://guest:guest@localhost:5672');

export function fail(message) {
  console.error(`FAILED: ${message}`);
  process.exit(1);
}

export function expect(what, actual, wanted) {
  if (!isDeepStrictEqual(actual, wanted)) {
    fail(`${what}: expected ${JSON.stringify(wanted)} but got ${JSON.stringify(actual)}`);
  }
}

/** Waits until something is true. */
export async function until(what, condition) {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) {
      fail(`${what}: not within 10 seconds`);
    }
    await sleep(10);
  }
}

/** Waits until nothing has been added to a list for a while. */
export async function quiet(list, ms = 300) {
  for (let before = -1; before < list.length; ) {
    before = list.length;
    await sleep(ms);
  }
}

export async function connect() {
  const connection = rhea.create_container().connect({
    host: url.hostname,
    port: Number(url.port || 5672),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    reconnect: false,
  });
  // Events that a link does not listen to arrive here.
  connection.on('disconnected', ({ error }) => fail(`no broker at ${url.host}: ${error ?? 'disconnected'}`));
  for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error']) {
    connection.on(event, (context) => {
      const endpoint = context.receiver ?? context.sender ?? context.session ?? context.connection;
      const error = context.error ?? endpoint.error ?? {};
      fail(`${event}: ${error.condition ?? ''} ${error.description ?? error.message ?? error}`);
    });
  }
  for (const outcome of ['rejected', 'released', 'modified']) {
    connection.on(outcome, ({ delivery }) => fail(`message ${outcome} by the broker: ${JSON.stringify(delivery.remote_state)}`));
  }
  await until('connected', () => connection.is_open());
  return connection;
}

/** Opens a receiver and waits for the broker's answer; hands each message to a function. */
export async function receive(connection, options, onMessage) {
  const receiver = connection.open_receiver(options);
  receiver.on('message', onMessage);
  await until('receiver open', () => receiver.is_open());
  return receiver;
}

/** Sends messages and waits until the broker has accepted all of them. */
export async function send(sender, ...messages) {
  let accepted = 0;
  const count = () => accepted++;
  sender.on('accepted', count);
  messages.forEach((message) => sender.send(message));
  await until('messages accepted', () => accepted === messages.length);
  sender.removeListener('accepted', count);
}

/** Takes away what an earlier, interrupted run may have left in a queue. */
export async function empty(connection, address) {
  const left = [];
  const receiver = await receive(connection, address, ({ message }) => left.push(message));
  await quiet(left);
  receiver.close();
  if (left.length > 0) {
    console.log(`(removed ${left.length} messages of an earlier run from ${address})`);
  }
}
