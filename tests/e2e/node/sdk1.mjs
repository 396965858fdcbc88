// SPDX-License-Identifier: ISC
// The SDK of the first generation, always through initialize.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const client = new Client({ name: 'e2e', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2]), {
  requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } },
}));
const tools = (await client.listTools()).tools;
const row = await client.callTool({ name: 'execute_select', arguments: { query: 'SELECT id, total FROM orders WHERE id = 7', defaultCatalog: 'shop' } });
console.log(JSON.stringify({ tools: tools.map((t) => t.name), row: row.structuredContent, server: client.getServerVersion() }));
await client.close();
