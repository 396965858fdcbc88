// SPDX-License-Identifier: ISC
// A client of an older revision that can be asked: by a form, for a sample, for
// its roots; that listens to logs; and that calls something off.  Which client
// is the second word.  Prints one JSON line.
const [url, which] = process.argv.slice(2);
const first = which === 'sdk';
const { Client } = await import(first ? '@modelcontextprotocol/sdk/client/index.js' : '@modelcontextprotocol/client');
const { StreamableHTTPClientTransport } = await import(first ? '@modelcontextprotocol/sdk/client/streamableHttp.js' : '@modelcontextprotocol/client');
const types = first ? await import('@modelcontextprotocol/sdk/types.js') : {};
const client = new Client({ name: 'e2e', version: '1' }, {
  capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
  ...(first ? {} : { versionNegotiation: { mode: 'legacy' } }),
});
const asked = [], logs = [];
const on = (method, schema, answer) => client.setRequestHandler(first ? types[schema] : method, async (r) => {
  asked.push(method);
  return answer(r.params);
});
on('elicitation/create', 'ElicitRequestSchema', () => ({ action: 'accept', content: { name: 'Ann' } }));
on('sampling/createMessage', 'CreateMessageRequestSchema', (p) => ({ model: 'm', role: 'assistant', content: { type: 'text', text: p.messages[0].content.text + '!' } }));
on('roots/list', 'ListRootsRequestSchema', () => ({ roots: [{ uri: 'file:///srv', name: 'srv' }] }));
client.setNotificationHandler(first ? types.LoggingMessageNotificationSchema : 'notifications/message', (n) => { logs.push(n.params.data); });
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } } });
await client.connect(transport);
await client.setLoggingLevel('debug');
const answer = await client.callTool({ name: 'asks', arguments: {} });
await client.callTool({ name: 'logs', arguments: {} });
let left = null;
const stop = new AbortController();
const long = first
  ? client.callTool({ name: 'stays', arguments: {} }, undefined, { signal: stop.signal, onprogress: () => stop.abort('enough') })
  : client.callTool({ name: 'stays', arguments: {} }, { signal: stop.signal, onprogress: () => stop.abort('enough') });
try {
  await long;
} catch (e) {
  left = String(e.message ?? e);
}
await client.ping();
console.log(JSON.stringify({ session: transport.sessionId !== undefined, asked: asked.sort(), logs, text: answer.content[0].text, left }));
process.exit(0);
