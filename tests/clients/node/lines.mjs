// Prints what an address answers, piece by piece as it comes: `node lines.mjs fetch|undici URL`.
import { request } from 'undici';

const [client, url] = process.argv.slice(2);
const answer = await (client === 'fetch' ? fetch(url) : request(url));
for await (const piece of answer.body) process.stdout.write(piece);
