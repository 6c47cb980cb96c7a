// Sends many requests at once through one connection of undici's, and prints what came of each.
import { Client } from 'undici';

const [url, count, depth] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const client = new Client(origin, { pipelining: Number(depth) });
let connections = 0;
client.on('connect', () => (connections += 1));

async function ask(number) {
  const kinds = ['told', 'tagged', 'empty', 'broken'];
  const path = `${pathname}/${kinds[number % kinds.length]}?n=${number}`;
  const answer = await client.request({ method: 'GET', path });
  return { path, status: answer.statusCode, body: await answer.body.text() };
}

const answers = await Promise.all(Array.from({ length: Number(count) }, (_, number) => ask(number)));
await client.close();
process.stdout.write(JSON.stringify({ connections, answers }));
