// A queue with priorities: the urgent overtakes what waits, equals keep their order.

import { connect, empty, expect, quiet, receive, send } from './example.js';

const ADDRESS = '/queues/tickets';

const connection = await connect();
await empty(connection, ADDRESS);

const tickets = [
  { body: 'typo', priority: 1 },
  { body: 'crash', priority: 9 },
  { body: 'slow', priority: 4 },
  { body: 'ugly', priority: 1 },
  { body: 'leak', priority: 9 },
];
await send(connection.open_sender(ADDRESS), ...tickets);
tickets.forEach(({ body, priority }) => console.log(`sent ${body} with priority ${priority}`));

const order = [];
await receive(connection, ADDRESS, ({ message }) => order.push(message.body));
await quiet(order);
console.log(`received ${order.join(', ')}`);
expect('order', order, ['crash', 'leak', 'slow', 'typo', 'ugly']);
connection.close();
