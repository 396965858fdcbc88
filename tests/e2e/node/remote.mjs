// SPDX-License-Identifier: ISC
// A stdio client that reaches us through mcp-remote, as desktop clients do.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [url, remote] = process.argv.slice(2);
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [remote, url, '--allow-http', '--transport', 'http-only', '--header', 'Authorization:Bearer ' + process.env.PAT],
  env: { ...process.env, MCP_REMOTE_CONFIG_DIR: process.env.SCRATCH },
  stderr: 'ignore',
});
const client = new Client({ name: 'e2e', version: '1' });
await client.connect(transport);
const row = await client.callTool({ name: 'execute_select', arguments: { query: 'SELECT id, total FROM orders WHERE id = 7', defaultCatalog: 'shop' } });
console.log(JSON.stringify({ tools: (await client.listTools()).tools.map((t) => t.name), row: row.structuredContent }));
await client.close();
