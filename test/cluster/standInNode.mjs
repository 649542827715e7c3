// Speaks a node's side of src/protocol/nodeMessages.ts and just enough of its HTTP to be supervised, at once.
// What it is to do wrong stands in KVC_TEST_NODE, as {"node2": {"failWith": "KVC_E_..."}}.
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import process from 'node:process';
import { URL } from 'node:url';

const faults = [];
let config;
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('message', (message) => {
  if (message.kind === 'stop') process.exit(0);
  config = message.config;
  faults.push(...config.faults);
  const orders = JSON.parse(process.env.KVC_TEST_NODE ?? '{}')[config.self] ?? {};
  if (orders.failWith !== undefined) return fail(orders.failWith, 'it was told to fail');
  if (orders.exitWith !== undefined) process.exit(orders.exitWith);
  serve();
});

function serve() {
  const { port } = config.members.find((member) => member.name === config.self);
  const server = createServer(async (request, response) => {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    answer(request, Buffer.concat(body).toString(), response);
  });
  server.on('error', () => fail('KVC_E_PORT_TAKEN', `port ${port} is in use by another process`));
  server.listen({ port, host: '127.0.0.1' }, () => {
    log('info', 'ready', { port });
    process.send({ kind: 'ready', recoveredUpdates: 0 });
  });
}

function answer(request, body, response) {
  const url = new URL(request.url, 'http://node');
  if (url.pathname === '/crash') process.exit(1);
  if (url.pathname === '/faults') changeFaults(request.method, url.searchParams, body);
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ node: config.self, instance: config.instance, pid: process.pid, faults, config }),
  );
}

function changeFaults(method, query, body) {
  const matches = (rule, filter) =>
    ['id', 'target', 'kind'].every((name) => !filter.has(name) || rule[name] === filter.get(name));
  if (method === 'DELETE') {
    for (const rule of faults.filter((rule) => matches(rule, query))) faults.splice(faults.indexOf(rule), 1);
  }
  if (method === 'POST') {
    for (const input of JSON.parse(body).faults) {
      const twin = faults.findIndex((rule) => rule.kind === input.kind && rule.target === input.target);
      if (twin >= 0) faults.splice(twin, 1);
      faults.push({ source: config.self, ...input });
    }
  }
  process.send({ kind: 'faults', faults });
}

function fail(code, message) {
  log('error', message, { code });
  process.send({ kind: 'failed', code, message }, () => process.exit(1));
}

function log(level, message, facts) {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), level, node: config.self, message, ...facts })}\n`,
  );
}
