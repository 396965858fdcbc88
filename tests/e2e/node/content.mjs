// SPDX-License-Identifier: ISC
// The official client in one era: every resource is listed and read, every
// prompt is listed and got, and an argument completed.  Prints one JSON line.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, era] = process.argv.slice(2);
const mode = era === 'legacy' || era === 'auto' ? era : { pin: era };
const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode }, capabilities: { elicitation: {} } });
client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { context: 'tests' } }));
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } },
});
await client.connect(transport);
const listed = (await client.listResources()).resources;
const read = {};
for (const r of listed) {
  const one = (await client.readResource({ uri: r.uri })).contents[0];
  read[r.uri] = one.text ?? Buffer.from(one.blob, 'base64').toString('hex');
}
const templates = (await client.listResourceTemplates()).resourceTemplates.map((t) => t.uriTemplate);
const template = (await client.readResource({ uri: 'test://template/123/data' })).contents[0].text;
const prompts = (await client.listPrompts()).prompts.map((p) => p.name);
const prompt = await client.getPrompt({ name: 'with_all', arguments: { uri: 'test://example-resource', word: 'hello' } });
let asked = null;
try {
  asked = (await client.getPrompt({ name: 'asks' })).messages[0].content.text;
} catch (e) {
  asked = e.code;
}
const completed = await client.complete({
  ref: { type: 'ref/resource', uri: 'schema://{source}/{schema}/{table}' },
  argument: { name: 'table', value: 'or' }, context: { arguments: { source: 'shop' } },
});
let unknown = null;
try {
  await client.readResource({ uri: 'test://none' });
} catch (e) {
  unknown = e.code;
}
console.log(JSON.stringify({
  era: client.getProtocolEra(), read, templates, template, prompts,
  kinds: prompt.messages.map((m) => m.content.type), asked, completed: completed.completion, unknown,
}));
await client.close();
