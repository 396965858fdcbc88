// SPDX-License-Identifier: ISC
// The official client in one era: list, call, fail, page.  Prints one JSON line.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, era] = process.argv.slice(2);
const mode = era === 'legacy' || era === 'auto' ? era : { pin: era };
const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode } });
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } },
});
await client.connect(transport);
const tools = (await client.listTools()).tools;
const query = 'SELECT id, total FROM orders WHERE id = @id';
const row = await client.callTool({
  name: 'execute_select',
  arguments: { query, defaultCatalog: 'shop', parameters: { id: 7 } },
});
const wrong = await client.callTool({ name: 'execute_select', arguments: { query: 'SELEC 1', defaultCatalog: 'shop' } });
let unknown = null;
try {
  await client.callTool({ name: 'no_such_tool', arguments: {} });
} catch (e) {
  unknown = e.code;
}
console.log(JSON.stringify({
  era: client.getProtocolEra(), tools: tools.map((t) => t.name), row: row.structuredContent, wrong: wrong.isError, unknown,
}));
await client.close();
