// Two workers compete for the tasks of one queue: each task is done once.

import { connect, empty, expect, receive, send, until } from './example.js';

const ADDRESS = '/queues/tasks';

const connection = await connect();
await empty(connection, ADDRESS);

// One credit each: a worker gets its next task when it has done the one before.
const done = [];
for (const name of ['anna', 'ben']) {
  await receive(connection, { name, source: ADDRESS, credit_window: 1 }, ({ message }) => {
    console.log(`${name} does ${message.body}`);
    done.push(message.body); // rhea accepts the message when this function returns
  });
}

const tasks = Array.from({ length: 10 }, (_, i) => `task ${i + 1}`);
await send(connection.open_sender(ADDRESS), ...tasks.map((body) => ({ body, durable: true })));
console.log('sent 10 tasks');

await until('10 tasks done', () => done.length >= 10);
expect('tasks done', done.sort(), tasks.sort());
console.log('each task was done once');
connection.close();
