// A WebSocket by `ws` that does one of these, and prints what it saw: `node talk.mjs WHAT URL`.
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';

const [what, url] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: what === 'compressed' });
const given = AbortSignal.timeout(10_000);

async function echoed(data) {
  socket.send(data);
  const [back, isBinary] = await once(socket, 'message', { signal: given });
  return Buffer.compare(back, Buffer.from(data)) === 0 && isBinary === Buffer.isBuffer(data);
}

async function closed() {
  const [code, reason] = await once(socket, 'close', { signal: given });
  return { code, reason: reason.toString() };
}

const DONE = {
  async echo() {
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000, 3_000_000];
    const binary = [];
    for (const size of sizes) binary.push(await echoed(randomBytes(size)));
    return { text: await echoed('grüß dich'), binary };
  },
  async compressed() {
    const text = await echoed('the same over and over '.repeat(50_000));
    return { extensions: socket.extensions, text };
  },
  async many() {
    // All are sent before any is read.
    const back = [];
    socket.on('message', (data) => back.push(Number(data)));
    for (let number = 0; number < 2000; number += 1) socket.send(String(number));
    while (back.length < 2000) await once(socket, 'message', { signal: given });
    return { ordered: back.every((number, at) => number === at) };
  },
  async ping() {
    socket.ping('hello');
    const [pong] = await once(socket, 'pong', { signal: given });
    socket.send('ping me');
    const [ping] = await once(socket, 'ping', { signal: given });
    const [told] = await once(socket, 'message', { signal: given });
    return { pong: pong.toString(), ping: ping.toString(), told: told.toString() };
  },
  async close() {
    socket.close(4000, 'enough');
    return closed();
  },
  async 'be closed'() {
    socket.send('close me');
    return closed();
  },
  async 'be dropped'() {
    socket.send('drop me');
    return closed();
  },
};

try {
  await once(socket, 'open', { signal: given });
  process.stdout.write(JSON.stringify(await DONE[what]()));
  socket.terminate();
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error.message }));
}
