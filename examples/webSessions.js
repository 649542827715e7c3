// A session store behind two web servers, with a fail-over in the middle.
//
// Each web server asks the node beside it first. What a user has seen travels in a cookie, as a token: whichever server
// the load balancer chooses, the user never goes back in time. One node is killed between two clicks.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'kvc';
import { startCluster } from 'kvc/testing';

const cluster = await startCluster({ nodes: 3 });
const [url1, url2, url3] = cluster.urls;

/** A web server that counts a user's clicks in the session store. */
async function startWebServer(nodes) {
  const store = await connect({ nodes, timeout: 10_000 });
  const server = createServer((request, response) => {
    serve(store, request).then(
      ({ clicks, token }) => {
        response.setHeader('set-cookie', `seen=${token}`);
        response.end(String(clicks));
      },
      (error) => {
        response.statusCode = 503;
        response.end(String(error));
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, store, url: `http://127.0.0.1:${server.address().port}/` };
}

async function serve(store, request) {
  const token = /seen=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'new';
  // One causal session for each user, not for each server.
  const session = store.session(token);
  const { value: user = { clicks: 0 } } = await session.get('user:7');
  const clicks = user.clicks + 1;
  await session.set('user:7', { ...user, clicks }, { replicas: 2 });
  return { clicks, token: session.token };
}

const servers = [await startWebServer([url1, url2, url3]), await startWebServer([url2, url3, url1])];
try {
  let cookie = '';
  for (let click = 1; click <= 20; click += 1) {
    if (click === 10) {
      await cluster.kill('node1');
      console.log('node1 is killed');
    }
    const { url } = servers[click % 2];
    const response = await fetch(url, { headers: { cookie, connection: 'close' } });
    cookie = response.headers.get('set-cookie') ?? '';
    const answer = await response.text();
    // Read your writes, across servers and nodes, also after the fail-over.
    assert.equal(answer, String(click), `click ${click} was answered ${answer}`);
  }
  console.log('20 clicks at two servers, each of which saw all before it, although a node died');
} finally {
  for (const { server, store } of servers) {
    server.close();
    await store.close();
  }
  await cluster.close();
}
