// The offer as a server of Node's `http`, and WebSockets by `ws`.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { EventEmitter, once } from 'node:events';
import { WebSocketServer } from 'ws';

const FOLDER = process.env.OFFER;
const PAGE = new URL('../pages/page.html', import.meta.url).pathname;
const COOKIES = ['a=1; Path=/', 'b=2; Path=/; HttpOnly', 'a=3; Path=/other'];
const PIECE = Buffer.alloc(16 * 1024, 'x');
const TAG = '"one"';
const WAIT_MS = 10_000;
const heard = new Set();
const hearing = new EventEmitter().setMaxListeners(0);
let left = 0;

function tell(answer, what) {
  answer.setHeader('Content-Type', 'application/json');
  answer.end(JSON.stringify(what));
}

function give(answer, file, fields = {}) {
  answer.writeHead(200, { 'Content-Length': statSync(file).size, ...fields });
  if (answer.req.method === 'HEAD') return answer.end();
  return pipeline(createReadStream(file), answer);
}

function* flow() {
  while (true) yield PIECE;
}

async function untilHeard(key) {
  const given = AbortSignal.timeout(WAIT_MS);
  while (!heard.has(key)) await once(hearing, 'heard', { signal: given });
}

const OFFER = {
  told(asked, answer, url) {
    tell(answer, { method: asked.method, query: url.search.slice(1), port: asked.socket.remotePort });
  },
  async echo(asked, answer) {
    const framing = 'transfer-encoding' in asked.headers ? 'chunked' : 'length';
    const body = Buffer.concat(await asked.toArray());
    answer.setHeader('X-Framing', framing).end(body);
  },
  async digest(asked, answer) {
    const total = createHash('sha256');
    let bytes = 0;
    for await (const piece of asked) {
      total.update(piece);
      bytes += piece.length;
    }
    tell(answer, { bytes, sha256: total.digest('hex') });
  },
  large: (_, answer) => give(answer, path.join(FOLDER, 'large')),
  gzipped: (_, answer) => give(answer, path.join(FOLDER, 'gzipped'), { 'Content-Encoding': 'gzip' }),
  tagged(asked, answer) {
    if (asked.headers['if-none-match'] !== TAG) {
      return give(answer, path.join(FOLDER, 'tagged'), { ETag: TAG });
    }
    return answer.writeHead(304, { ETag: TAG }).end();
  },
  empty: (_, answer) => answer.writeHead(204).end(),
  moved: (_, answer) => answer.writeHead(302, { Location: 'told' }).end(),
  broken: (_, answer) => answer.writeHead(503, { 'Retry-After': '7' }).end('out of order\n'),
  cookies: (_, answer) => answer.setHeader('Set-Cookie', COOKIES).end('eaten'),
  async endless(_, answer) {
    await pipeline(Readable.from(flow()), answer).catch(() => {});
    left += 1;
  },
  left: (_, answer) => tell(answer, { left }),
  held: () => {}, // nothing at all: when the client has gone there is nobody to tell
  async events(asked, answer, url) {
    const first = Number(asked.headers['last-event-id'] ?? 0) + 1;
    answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const number of [first, first + 1]) {
      answer.write(`retry: 10\nid: ${number}\ndata: ${number}\n\n`);
      await untilHeard(`${url.searchParams.get('of')} ${number}`);
    }
    answer.end();
  },
  heard(_, answer, url) {
    heard.add(`${url.searchParams.get('of')} ${url.searchParams.get('n')}`);
    hearing.emit('heard');
    answer.writeHead(204).end();
  },
  page: (_, answer) => give(answer, PAGE, { 'Content-Type': 'text/html' }),
  health: (_, answer) => tell(answer, {}),
};

const server = http.createServer((asked, answer) => {
  const url = new URL(asked.url, 'http://localhost');
  const serve = OFFER[url.pathname.split('/').pop()];
  Promise.resolve(serve(asked, answer, url)).catch(() => answer.destroy());
});

// Words that are asked for, and all else is sent back.
const ASKED = {
  'close me': (socket) => socket.close(4001, 'as asked'),
  'ping me': (socket) => socket.ping('are you there'),
  'drop me': (socket) => socket.terminate(),
};
const sockets = new WebSocketServer({ server, path: '/node/ws', perMessageDeflate: true });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    const act = isBinary ? undefined : ASKED[data.toString()];
    if (act) act(socket);
    else socket.send(data, { binary: isBinary });
  });
  socket.on('pong', (data) => socket.send(`pong: ${data}`));
});

server.listen(Number(process.env.PORT), '127.0.0.1');
