import { createServer } from 'node:http';

/*
 * The least that a node:http server can do: read the body and send a constant. It is what a node's answers and start-up
 * are measured against. Run: bareServer.js GET_ANSWER POST_ANSWER, each JSON {headers, body}. Tells its port over IPC and
 * ends with its parent.
 */

const [get, post] = process.argv.slice(2).map((text) => JSON.parse(text));

const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    const { headers, body } = request.method === 'POST' ? post : get;
    response.writeHead(200, headers);
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
