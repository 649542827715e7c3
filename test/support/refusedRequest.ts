import { expect } from 'vitest';
import { errorKinds, type ErrorCode } from '../../src/errors.js';
import type { CallOptions, TestNode } from './testNodes.js';

/** A request that must be refused: with this code, and a message that names what is wrong. */
export type RefusedRequest = [
  what: string,
  method: string,
  path: string,
  options: CallOptions,
  code: ErrorCode,
  named?: string,
];

/** Everything at a node that a request could have changed. */
export async function stateOf(node: TestNode): Promise<object> {
  const { clock, durable, keys, conflicts, pending, waiting_requests, store, faults } =
    await node.client.inspect();
  const { request_ids } = store;
  return { clock, durable, keys, conflicts, pending, waiting_requests, request_ids, faults };
}

/** Asserts that the request gets the 4xx of its code in the form of an error, and changes nothing. */
export async function expectRefused(node: TestNode, request: RefusedRequest): Promise<void> {
  const [, method, path, options, code, named = ''] = request;
  const before = await stateOf(node);
  const { status, body } = await node.call(method, path, options);
  expect({ status, body }).toMatchObject({ status: errorKinds[code].httpStatus, body: { error: { code } } });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  const { message } = (body as { error: { message: string } }).error;
  expect(message).not.toMatch(/\n +at /);
  expect(message).toContain(named);
  expect(await stateOf(node)).toEqual(before);
  expect(node.complaints).toEqual([]);
}
