'use strict';
// Does with rhea what the tests ask: one JSON request per line on stdin, one JSON answer per line on stdout.
// The first request connects; the answers have the fields of the Java records Published and Incoming.

const crypto = require('crypto');
const fs = require('fs');
const readline = require('readline');
const rhea = require('rhea');

const LONG = 4096;
const container = rhea.create_container();
let connection;

function failed(error) {
    return { failure: String(error.description || error.message || error), condition: error.condition || '' };
}

/** Waits for the first of several events of an emitter; their answers are what the functions return. */
function first(emitter, events) {
    return new Promise((resolve, reject) => {
        const listeners = Object.entries(events).map(([name, answer]) => [name, (context) => {
            listeners.forEach(([other, listener]) => emitter.removeListener(other, listener));
            try {
                resolve(answer(context));
            } catch (error) {
                reject(error);
            }
        }]);
        listeners.forEach(([name, listener]) => emitter.on(name, listener));
    });
}

function closed(link, event) {
    return new Promise((resolve) => {
        if (!link.is_open()) {
            resolve();
            return;
        }
        link.once(event, resolve);
        link.close();
    });
}

/** How to reach the broker: within a WebSocket, with a certificate, or plainly. */
function transport(request) {
    if (request.websocket) {
        const web = container.websocket_connect(require('ws'));
        return { connection_details: web(request.websocket, ['amqp'], {}) };
    }
    const plain = { host: '127.0.0.1', port: request.port };
    if (!request.cert) {
        return plain;
    }
    return {
        ...plain,
        transport: 'tls',
        rejectUnauthorized: false,
        enable_sasl_external: true,
        cert: fs.readFileSync(request.cert),
        key: fs.readFileSync(request.key),
    };
}

async function connect(request) {
    connection = container.connect({
        ...transport(request),
        username: request.user || undefined,
        password: request.password || undefined,
        token: request.token || undefined,
        container_id: request.container || undefined,
        reconnect: request.reconnect || false,
        initial_reconnect_delay: 50,
    });
    return first(connection, {
        connection_open: () => ({ outcome: 'open' }),
        connection_error: (context) => failed(context.connection.error || context.error),
        disconnected: (context) => failed(context.error || new Error('disconnected')),
    });
}

function encoded(request) {
    const message = {
        body: request.body,
        durable: request.durable,
        priority: request.priority,
        application_properties: request.properties,
    };
    for (const key of ['to', 'subject', 'reply_to']) {
        if (request[key] !== undefined) {
            message[key] = request[key];
        }
    }
    if (request.ttl) {
        message.ttl = request.ttl;
    }
    if (request.delay) {
        message.message_annotations = { 'x-opt-delivery-delay': request.delay };
    }
    return message;
}

function refusal(context, link) {
    const error = link.error || {};
    return { outcome: 'refused', condition: error.condition || '', description: error.description || '' };
}

async function send(request) {
    const target = request.target === undefined ? {} : { address: request.target };
    const sender = connection.open_sender({ target, snd_settle_mode: request.settled ? 1 : 0 });
    let answer = await first(sender, {
        sendable: () => undefined,
        sender_error: (context) => refusal(context, sender),
    });
    if (answer === undefined) {
        sender.send(encoded(request));
        if (request.settled) {
            answer = { outcome: 'settled' };
        } else {
            answer = await first(sender, {
                accepted: () => ({ outcome: 'accepted' }),
                released: () => ({ outcome: 'released' }),
                modified: () => ({ outcome: 'modified' }),
                rejected: (context) => {
                    const error = context.delivery.remote_state.error || {};
                    return {
                        outcome: 'rejected',
                        condition: error.condition || '',
                        description: error.description || '',
                        info: error.info || {},
                    };
                },
                sender_error: (context) => refusal(context, sender),
            });
        }
    }
    await closed(sender, 'sender_close');
    return answer;
}

function decoded(message) {
    let body = message.body;
    if (body && body.typecode) {
        body = body.content;
    }
    body = Buffer.isBuffer(body) ? body.toString('utf8') : String(body);
    if (body.length > LONG) {
        body = body.length + ' sha256:' + crypto.createHash('sha256').update(body, 'utf8').digest('hex');
    }
    return {
        body,
        subject: message.subject,
        reply_to: message.reply_to,
        delivery_count: message.delivery_count || 0,
        priority: message.priority === undefined ? 4 : message.priority,
        annotations: message.message_annotations || {},
    };
}

function settle(delivery, how) {
    switch (how) {
        case 'ACCEPTED': return delivery.accept();
        case 'REJECTED': return delivery.reject({ condition: 'test:bad', description: 'this one is bad' });
        case 'RELEASED': return delivery.release();
        case 'FAILED': return delivery.modified({ delivery_failed: true });
        case 'UNDELIVERABLE': return delivery.modified({ delivery_failed: true, undeliverable_here: true });
        default: throw new Error('unknown outcome ' + how);
    }
}

async function receive(request) {
    const source = { address: request.address };
    if (request.selector) {
        source.filter = rhea.filter.selector(request.selector);
    }
    const receiver = connection.open_receiver({
        source,
        credit_window: 0,
        autoaccept: false,
    });
    const timer = request.wait === 0 ? undefined : setTimeout(() => receiver.drain_credit(), request.wait);
    receiver.add_credit(1);
    if (request.wait === 0) {
        receiver.drain_credit();
    }
    const answer = await first(receiver, {
        message: (context) => {
            const incoming = decoded(context.message);
            settle(context.delivery, request.settle);
            return incoming;
        },
        receiver_drained: () => ({ none: true }),
        receiver_error: (context) => failed(receiver.error || context.error),
    });
    clearTimeout(timer);
    await closed(receiver, 'receiver_close');
    return answer;
}

async function browse(request) {
    const receiver = connection.open_receiver({
        source: { address: request.address, distribution_mode: 'copy' },
        credit_window: 0,
        autoaccept: false,
    });
    const seen = [];
    receiver.on('message', (context) => {
        seen.push(decoded(context.message));
        context.delivery.accept();
    });
    receiver.add_credit(1000);
    receiver.drain_credit();
    const answer = await first(receiver, {
        receiver_drained: () => ({ seen }),
        receiver_error: (context) => failed(receiver.error || context.error),
    });
    await closed(receiver, 'receiver_close');
    return answer;
}

async function request(request) {
    const receiver = connection.open_receiver({ source: { dynamic: true }, credit_window: 0, autoaccept: false });
    receiver.add_credit(1);
    const refused = await first(receiver, {
        receiver_open: () => undefined,
        receiver_error: (context) => failed(receiver.error || context.error),
    });
    if (refused) {
        return refused;
    }
    const timer = setTimeout(() => receiver.drain_credit(), request.wait);
    const reply = first(receiver, {
        message: (context) => {
            const incoming = decoded(context.message);
            context.delivery.accept();
            return incoming;
        },
        receiver_drained: () => ({ none: true }),
    });
    const sent = await send({ ...request, reply_to: receiver.source.address });
    if (sent.outcome !== 'accepted') {
        return { failure: 'request ' + JSON.stringify(sent), condition: sent.condition };
    }
    const answer = await reply;
    clearTimeout(timer);
    await closed(receiver, 'receiver_close');
    return answer;
}

/** Attaches as a durable subscriber, takes a message if asked to wait, and leaves or ends the subscription. */
async function subscribe(request) {
    const receiver = connection.open_receiver({
        name: request.name,
        source: { address: request.address, durable: 2, expiry_policy: 'never' },
        credit_window: 0,
        autoaccept: false,
    });
    const refused = await first(receiver, {
        receiver_open: () => undefined,
        receiver_error: (context) => failed(receiver.error || context.error),
    });
    if (refused) {
        return refused;
    }
    let answer = { none: true };
    if (request.wait) {
        const timer = setTimeout(() => receiver.drain_credit(), request.wait);
        receiver.add_credit(1);
        answer = await first(receiver, {
            message: (context) => {
                const incoming = decoded(context.message);
                context.delivery.accept();
                return incoming;
            },
            receiver_drained: () => ({ none: true }),
        });
        clearTimeout(timer);
    }
    if (request.end) {
        await closed(receiver, 'receiver_close');
    } else {
        receiver.detach();
        await new Promise((resolve) => connection.once('connection_close', resolve).close());
    }
    return answer;
}

const heard = [];
let reconnections = 0;
let kept;

async function until(condition) {
    while (!condition()) {
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

/** Opens a receiver and a sender that stay, over reconnections too. */
async function stay(request) {
    connection.on('connection_open', () => reconnections++);
    connection.open_receiver({ source: request.address, credit_window: 10 })
        .on('message', (context) => heard.push(decoded(context.message).body));
    kept = connection.open_sender(request.address);
    return first(kept, { sendable: () => ({ outcome: 'open' }) });
}

/** Sends, after so many reconnections, with the sender that stayed, and answers what its receiver has heard so far. */
async function say(request) {
    // what is sent while there is no connection, this client throws away
    await until(() => reconnections === request.reconnections && kept.sendable());
    const answer = first(kept, { accepted: () => undefined });
    kept.send({ body: request.body, durable: true });
    await answer;
    await until(() => heard.length === request.reconnections + 1);
    return { heard };
}

/** Opens many connections, each with a sender that sends one message, and keeps them open until the next request. */
async function crowd(request) {
    const wanted = Array.from({ length: request.count }, (_, i) => {
        const one = rhea.create_container().connect({
            host: '127.0.0.1', port: request.port, username: request.user, password: request.password, reconnect: false,
        });
        const sender = one.open_sender(request.target);
        sender.once('sendable', () => sender.send({ body: 'from ' + i, durable: true }));
        return first(sender, {
            accepted: () => 'accepted',
            rejected: () => 'rejected',
            released: () => 'released',
            sender_error: () => 'refused',
        });
    });
    const outcomes = await Promise.all(wanted);
    return { outcome: String(outcomes.filter((outcome) => outcome === 'accepted').length) };
}

const operations = { connect, send, receive, browse, request, subscribe, stay, say, crowd };

container.on('error', (error) => console.error(error));

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const ask = JSON.parse(line);
        let answer;
        try {
            answer = await operations[ask.op](ask);
        } catch (error) {
            answer = failed(error);
        }
        process.stdout.write(JSON.stringify(answer) + '\n');
    }
    process.exit(0);
})();
