import fastify from 'fastify';

/*
 * The same as bareServer.js by fastify, on the route of each: a framework that parses the body and sends a constant.
 * Run: fastifyServer.js GET_ANSWER POST_ANSWER, each JSON {headers, body}. Tells its port over IPC and ends with its parent.
 */

const [get, post] = process.argv.slice(2).map((text) => JSON.parse(text));

const server = fastify({ keepAliveTimeout: 60_000 });
server.get('/read', (_request, reply) => reply.headers(get.headers).send(get.body));
server.post('/write', (_request, reply) => reply.headers(post.headers).send(post.body));
await server.listen({ port: 0, host: '127.0.0.1' });
process.send({ port: server.server.address().port });
process.on('disconnect', () => process.exit(0));
