// Two clients of Node told what to do: a line of JSON in, a line of JSON out, bodies as base64.
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';

const agent = new Agent();

function* cut(body) {
  const size = Math.max(1, Math.min(Math.floor(body.length / 3), 40_009));
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function* pieces(body) {
  yield* cut(body);
}

function bodyOf(wish) {
  if (wish.body === null) return undefined;
  const body = Buffer.from(wish.body, 'base64');
  return wish.chunked ? pieces(body) : body;
}

const CLIENTS = {
  async fetch(wish, signal) {
    const answer = await fetch(wish.url, {
      method: wish.method,
      headers: wish.fields,
      body: bodyOf(wish),
      duplex: 'half',
      redirect: wish.follow ? 'follow' : 'manual',
      signal,
    });
    return {
      status: answer.status,
      fields: [...answer.headers],
      body: answer.body ?? [],
    };
  },
  async undici(wish, signal) {
    const answer = await request(wish.url, {
      method: wish.method,
      headers: wish.fields.flat(),
      body: bodyOf(wish),
      maxRedirections: wish.follow ? 3 : 0,
      dispatcher: agent,
      signal,
    });
    const fields = Object.entries(answer.headers);
    return {
      status: answer.statusCode,
      fields: fields.flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
      body: answer.body,
    };
  },
};

async function serve(wish) {
  const given = AbortSignal.timeout(wish.timeoutMs);
  const answer = await CLIENTS[wish.client](wish, given);
  const got = [];
  for await (const piece of answer.body) {
    got.push(Buffer.from(piece));
    if (wish.leave) break; // which lets go of the connection
  }
  const body = Buffer.concat(got).toString('base64');
  return { status: answer.status, fields: answer.fields, body };
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = await serve(JSON.parse(line)).catch((error) => ({
    error: `${error.name}: ${error.message} (${error.cause ?? error.code ?? ''})`,
  }));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
