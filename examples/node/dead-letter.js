// A message that fails each attempt ends in the dead-letter queue, and tells there why.

import { connect, empty, expect, receive, send, until } from './example.js';

const ADDRESS = '/queues/payments';
const DEAD_LETTERS = '/queues/dlq.payments';

const connection = await connect();
await empty(connection, ADDRESS);
await empty(connection, DEAD_LETTERS);

await send(
  connection.open_sender(ADDRESS),
  { body: 'good card', durable: true },
  { body: 'stolen card', durable: true },
);

// turnstone.yaml allows three attempts, 100 ms and more apart. One credit, because rhea 3.0.5 sends two different
// outcomes that are given in the same turn as one: both messages get the first.
const attempts = [];
await receive(connection, { source: ADDRESS, autoaccept: false, credit_window: 1 }, ({ message, delivery }) => {
  if (message.body === 'good card') {
    console.log('good card: paid');
    delivery.accept();
  } else {
    attempts.push(message.delivery_count ?? 0);
    console.log(`stolen card: attempt ${attempts.length} failed`);
    // The outcome "modified" with delivery-failed: this attempt counts, try again.
    delivery.modified({ delivery_failed: true, undeliverable_here: false });
  }
});

const dead = [];
await receive(connection, DEAD_LETTERS, ({ message }) => dead.push(message));
await until('a dead letter', () => dead.length > 0);
expect('failed deliveries before each attempt', attempts, [0, 1, 2]);

const [letter] = dead;
const history = letter.message_annotations ?? {};
console.log(`dead letter: ${letter.body}, failed ${letter.delivery_count} times`);
for (const name of ['x-first-death-queue', 'x-first-death-reason', 'x-opt-deaths']) {
  console.log(`  ${name}:`, history[name]);
}
expect('dead letter', letter.body, 'stolen card');
expect('queue where it died', history['x-first-death-queue'], 'payments');
connection.close();
