// A client asks, a server answers to the address of the client's own: a node that the broker made for it.

import { connect, empty, expect, receive, send, until } from './example.js';

const ADDRESS = '/queues/quotes';
const PRICES = { apple: '3', pear: '4' };

const client = await connect();
await empty(client, ADDRESS);

const server = await connect();
const answers = server.open_sender({ target: {} }); // each answer goes where its request says
await receive(server, ADDRESS, ({ message }) => {
  answers.send({ to: message.reply_to, correlation_id: message.correlation_id, body: PRICES[message.body] });
});

const got = {};
const inbox = await receive(client, { source: { dynamic: true } }, ({ message }) => {
  console.log(`${message.correlation_id} costs ${message.body}`);
  got[message.correlation_id] = message.body;
});
console.log(`answers come to ${inbox.source.address}`);

const requests = Object.keys(PRICES).map((fruit) => ({
  body: fruit,
  reply_to: inbox.source.address,
  correlation_id: fruit,
}));
await send(client.open_sender(ADDRESS), ...requests);
await until('answers', () => Object.keys(got).length >= requests.length);
expect('prices', got, PRICES);
client.close();
server.close();
