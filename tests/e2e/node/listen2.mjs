// SPDX-License-Identifier: ISC
// The official client with a handler for changed lists, for which it opens a
// listener by itself.  A program appears at PATH; prints what was heard.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { chmodSync, chownSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const [url, path] = process.argv.slice(2);
const name = basename(path);
const has = (tools) => tools.some((t) => t.name === name);
let heard;
const news = new Promise((resolve) => { heard = resolve; });
const client = new Client({ name: 'e2e', version: '1' }, {
  versionNegotiation: { mode: 'auto' },
  listChanged: { tools: { onChanged: (error, tools) => heard({ error, tools }) } },
});
await client.connect(new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } },
}));
const before = has((await client.listTools()).tools);
const made = dirname(dirname(path)) + '/new-program';
writeFileSync(made, '#!/bin/sh\n# about: Says hello\necho hello\n');
chmodSync(made, 0o755);
const folder = statSync(dirname(path));
chownSync(made, folder.uid, folder.gid);
renameSync(made, path);
const late = setTimeout(() => heard({ error: 'nothing was heard' }), 10000);
const { error, tools } = await news;
clearTimeout(late);
console.log(JSON.stringify({ before, after: tools ? has(tools) : String(error) }));
await client.close();
