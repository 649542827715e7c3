// Speaks a node's side of src/protocol/nodeMessages.ts and just enough of its HTTP to be supervised, at once.
// What it is to do otherwise stands in KVC_TEST_NODE, by node, as {"node2": {"failWith": "KVC_E_..."}}:
// - failWith, exitWith: ends at its start, with this code or exit status
// - progress: says this over and over, and is never ready; a request to /ready makes it so
// - deaf: does not stop when it is asked to
// - leave, remove: answers /members/leave or /members/remove with this code
// - durableAt: answers a write with KVC_E_NOT_DURABLE, at these nodes
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { URL } from 'node:url';

const faults = [];
/** What was asked of it under /members, in order. */
const asked = [];
let config;
let orders = {};
let joining;
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('message', (message) => {
  if (message.kind === 'stop') {
    if (orders.deaf !== true) process.exit(0);
    return;
  }
  config = message.config;
  faults.push(...config.faults);
  orders = JSON.parse(process.env.KVC_TEST_NODE ?? '{}')[config.self] ?? {};
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
    if (orders.progress === undefined) return ready();
    const say = () => process.send({ kind: 'progress', reason: orders.progress });
    say();
    joining = setInterval(say, 20);
  });
}

function ready() {
  clearInterval(joining);
  log('info', 'ready', {});
  process.send({ kind: 'ready', recoveredUpdates: 0 });
}

function answer(request, body, response) {
  const url = new URL(request.url, 'http://node');
  if (url.pathname === '/crash') process.exit(1);
  if (url.pathname === '/fail') return fail(url.searchParams.get('code'), 'it was told to fail');
  if (url.pathname === '/ready') ready();
  if (url.pathname === '/faults') changeFaults(request.method, url.searchParams, body);
  response.setHeader('content-type', 'application/json');
  if (orders.durableAt !== undefined && (url.pathname === '/write' || url.pathname === '/batch')) {
    const replicas = Number(url.searchParams.get('replicas'));
    return refuse(response, 'KVC_E_NOT_DURABLE', { durable_at: orders.durableAt, replicas });
  }
  const [, room, action] = url.pathname.split('/');
  if (room === 'members') return answerMembers(action, url, body, response);
  response.end(
    JSON.stringify({ node: config.self, instance: config.instance, pid: process.pid, faults, config, asked }),
  );
}

function answerMembers(action, url, body, response) {
  asked.push({ action, query: url.search, body: JSON.parse(body) });
  const code = orders[action];
  if (code !== undefined) return refuse(response, code);
  const { node } = JSON.parse(body);
  const others = config.members.map(({ name }) => name).filter((name) => name !== config.self);
  const left = { node: config.self, replica: config.self, handed_on_to: others };
  response.end(JSON.stringify(action === 'leave' ? left : { node, held: { [node]: 41 } }));
}

function refuse(response, code, facts = {}) {
  response.statusCode = 503;
  response.end(JSON.stringify({ error: { code, message: `${config.self} was told to refuse`, ...facts } }));
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
