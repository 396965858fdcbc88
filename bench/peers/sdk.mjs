// SPDX-License-Identifier: ISC
// The smallest stateless server on the official SDK with the three statements.
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/server';
import Database from 'better-sqlite3';
import * as z from 'zod';

const db = new Database(process.env.BENCH_DB, { readonly: true });
const columns = 'SELECT id, customer_id, status, sku, total, created_at FROM orders';
const tools = {
  get_order: [db.prepare(`${columns} WHERE id = ?`), 'id', 'One order by its number'],
  list_orders: [db.prepare(`${columns} WHERE id > ? ORDER BY id LIMIT 1000`), 'after', '1,000 orders after a number'],
  sales_summary: [db.prepare('SELECT status, channel, count(*) AS n, sum(total) AS revenue, avg(quantity) AS quantity FROM orders GROUP BY status, channel'), null, 'Count, revenue and mean quantity by status and channel'],
};

function fresh() {
  const server = new McpServer({ name: 'sdk', version: '1' });
  for (const [name, [statement, argument, description]] of Object.entries(tools)) {
    const inputSchema = argument ? z.object({ [argument]: z.number().int() }) : undefined;
    server.registerTool(name, { description, inputSchema }, async (given) => ({
      content: [{ type: 'text', text: JSON.stringify(argument ? statement.all(given[argument]) : statement.all()) }],
    }));
  }
  return server;
}

createServer(async (req, res) => {
  const server = fresh();
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  res.on('close', () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(req, res);
}).listen(Number(process.env.PORT), '127.0.0.1');
