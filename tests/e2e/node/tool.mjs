// SPDX-License-Identifier: ISC
// One tool through the official client, with its progress.  Prints one JSON line.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, era, name, args] = process.argv.slice(2);
const mode = era === 'legacy' || era === 'auto' ? era : { pin: era };
const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode } });
await client.connect(new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } },
}));
const tool = (await client.listTools()).tools.find((t) => t.name === name);
const progress = [];
const result = await client.callTool({ name, arguments: JSON.parse(args ?? '{}') }, {
  onprogress: (p) => progress.push(p),
});
console.log(JSON.stringify({ era: client.getProtocolEra(), tool, progress, result }));
await client.close();
