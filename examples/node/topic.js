// A topic exchange: each subscriber gets the orders whose key matches its pattern.

import { connect, empty, expect, quiet, receive, send } from './example.js';

const connection = await connect();
await empty(connection, '/queues/all-orders');

async function subscribe(name, source) {
  const keys = [];
  await receive(connection, { name, source }, ({ message }) => keys.push(message.body));
  return keys;
}

// In a pattern * is one word and # any number of words.
const europe = await subscribe('europe', '/exchanges/orders/order.eu.#');
const paid = await subscribe('paid', '/exchanges/orders/order.*.paid');

// A sender without an address: each message says where it goes.
const sender = connection.open_sender({ target: {} });
const published = ['order.eu.created', 'order.eu.paid', 'order.us.created', 'order.us.paid'];
await send(sender, ...published.map((key) => ({ to: `/exchanges/orders/${key}`, body: key })));
console.log(`published ${published.join(', ')}`);

// A queue bound with # in turnstone.yaml: it collected all of them, with nobody listening.
const all = await subscribe('all', '/queues/all-orders');
await quiet(all);

function check(name, keys, ...wanted) {
  console.log(`${name} got ${keys.join(', ')}`);
  expect(name, keys, wanted);
}
check('order.eu.#', europe, 'order.eu.created', 'order.eu.paid');
check('order.*.paid', paid, 'order.eu.paid', 'order.us.paid');
check('the queue all-orders', all, ...published);
connection.close();
