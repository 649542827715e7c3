import { Pool } from 'undici';
import type { BatchWrite } from '../../src/client/nodeClient.js';
import { KvcError, messageOf } from '../../src/errors.js';
import type { BatchResponseJson, ReadResponseJson, WriteResponseJson } from '../../src/protocol/api.js';
import { errorOfBody } from '../../src/protocol/errorJson.js';

interface FastOptions {
  readonly session?: string;
}

/** A node over connections that are kept, for tests with many requests. It throws as NodeClient does. */
export class FastNode {
  readonly name: string;
  readonly #pool: Pool;

  constructor({ name, url }: { readonly name: string; readonly url: string }, connections = 32) {
    this.name = name;
    this.#pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 });
  }

  write(key: string, value: string, options: FastOptions = {}): Promise<WriteResponseJson> {
    return this.#ask('POST', '/write', options, { key, value });
  }

  batch(writes: readonly BatchWrite[], options: FastOptions = {}): Promise<BatchResponseJson> {
    return this.#ask('POST', '/batch', options, { writes });
  }

  remove(key: string, options: FastOptions = {}): Promise<BatchResponseJson> {
    return this.batch([{ key, delete: true }], options);
  }

  /** Of a key that is there. */
  read(key: string, options: FastOptions = {}): Promise<ReadResponseJson> {
    return this.#ask('GET', `/read?key=${encodeURIComponent(key)}`, options);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #ask<T>(method: 'GET' | 'POST', path: string, { session }: FastOptions, body?: object): Promise<T> {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(session === undefined ? {} : { 'kvc-session': session }),
    };
    const { status, text } = await this.#send(method, path, headers, body);
    if (status === 200) return JSON.parse(text) as T;
    throw errorOfBody(JSON.parse(text), status);
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body?: object,
  ): Promise<{ status: number; text: string }> {
    try {
      const answer = await this.#pool.request({
        method,
        path,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (cause) {
      throw new KvcError('KVC_E_NODE_UNREACHABLE', `${this.name}: ${messageOf(cause)}`, {}, { cause });
    }
  }
}
