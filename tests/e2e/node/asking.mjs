// SPDX-License-Identifier: ISC
// The official client that can be asked: one call, its user answering each
// question with the words given.  Prints what it was asked and what came out.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, era, name, args, reply] = process.argv.slice(2);
const mode = era === 'legacy' || era === 'auto' ? era : { pin: era };
const asked = [];
const client = new Client(
  { name: 'e2e', version: '1' },
  { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
);
client.setRequestHandler('elicitation/create', async (request) => {
  asked.push(request.params);
  return JSON.parse(reply);
});
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: 'Bearer ' + process.env.PAT } },
});
await client.connect(transport);
const out = await client.callTool({ name, arguments: JSON.parse(args) });
console.log(JSON.stringify({ era: client.getProtocolEra(), asked, error: out.isError === true, text: out.content[0].text, structured: out.structuredContent }));
await client.close();
