// One sender, three subscribers of a fanout exchange: each gets every message.

import { connect, expect, receive, send, until } from './example.js';

const ADDRESS = '/exchanges/news';

const connection = await connect();
// Receiving from an exchange makes a private subscription, which ends with the receiver.
const readers = new Map();
for (const name of ['reader 1', 'reader 2', 'reader 3']) {
  const headlines = [];
  readers.set(name, headlines);
  await receive(connection, { name, source: ADDRESS }, ({ message }) => headlines.push(message.body));
}

await send(connection.open_sender(ADDRESS), { body: 'rain' }, { body: 'more rain' });
console.log('published 2 headlines');

for (const [name, headlines] of readers) {
  await until(`${name} has both`, () => headlines.length >= 2);
  console.log(`${name} got ${headlines.join(', ')}`);
  expect(name, headlines, ['rain', 'more rain']);
}
connection.close();
