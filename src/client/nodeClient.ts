import { KvcError } from '../errors.js';
import type {
  BatchRequestJson,
  BatchResponseJson,
  BatchWriteJson,
  ClockResponseJson,
  DigestResponseJson,
  HealthResponseJson,
  KeysResponseJson,
  ReadResponseJson,
  ReadManyRequestJson,
  ReadManyResponseJson,
  WriteRequestJson,
  WriteResponseJson,
  WrittenJson,
} from '../protocol/api.js';
import type { FaultsResponseJson, StepRequestJson, StepResponseJson } from '../protocol/faultsApi.js';
import type { InspectResponseJson } from '../protocol/inspectApi.js';
import type {
  LeaveResponseJson,
  MembersResponseJson,
  RemoveMemberResponseJson,
} from '../protocol/membersApi.js';
import { acceptByHeader } from '../protocol/acceptBy.js';
import { errorOfBody } from '../protocol/errorJson.js';
import { parseKey } from '../protocol/keys.js';
import { limits } from '../protocol/limits.js';
import { requestIdHeader } from '../protocol/requestIdHeader.js';
import { encodeValue } from '../protocol/valueJson.js';
import { requestJson, type JsonAnswer, type SendRequest } from './requestJson.js';

/** How one request is to be served. */
export interface RequestOptions {
  /** What the client has seen: a session token, or `new` to start a session. Without it nothing is waited for. */
  readonly session?: string;
  /** How long the node may wait for what the session has seen. Default 5000. */
  readonly timeoutMs?: number;
  /** Deadline of the whole request. Default: 2 s more than the node may wait. */
  readonly requestTimeoutMs?: number;
  /** By when the node is to take up the request; see `acceptByHeader`. For writes and `health` only. */
  readonly acceptBy?: AcceptBy;
  /** Gives the request up when it is aborted, with KVC_E_ABORTED. */
  readonly signal?: AbortSignal;
}

export interface AcceptBy {
  /** ms since 1970, by the node's clock. */
  readonly ms: number;
  /** The node says that it takes the request up. */
  readonly onTakenUp: () => void;
}

export interface WriteOptions extends RequestOptions {
  /** At how many nodes the write must be durable before the answer, the answering one included. Default 1. */
  readonly replicas?: number;
  /**
   * A name for the write: the time in ms since 1970 (13 digits), a - and up to 64 of A-Z, a-z, 0-9, _ and -. A write
   * that is sent again with it, here or to another node, happens once.
   */
  readonly requestId?: string;
  /** Refused with KVC_E_CONDITION_FAILED where a key has a value. */
  readonly ifAbsent?: boolean;
  /** A token: refused with KVC_E_CONDITION_FAILED where a key has a version that the token has not seen. */
  readonly ifContext?: string;
}

export interface ValueOptions extends WriteOptions {
  /** After how many ms the value expires, from when the node receives it. Default: never. */
  readonly ttlMs?: number;
}

export interface ListOptions extends RequestOptions {
  readonly prefix?: string;
  /** Keys of one page, at most 1000. Default 100. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** One write of a batch: of a value, text or bytes, or a deletion. */
export type BatchWrite =
  | { readonly key: string; readonly value: Uint8Array | string }
  | { readonly key: string; readonly delete: true };

type Deadline = Pick<RequestOptions, 'requestTimeoutMs' | 'signal'>;
type HealthOptions = Pick<RequestOptions, 'requestTimeoutMs' | 'signal' | 'acceptBy'>;

interface Call {
  readonly method?: 'POST';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A field that every good answer of the route has. */
  readonly proof: string;
}

/** What the network and a loaded node may take on top of the wait that the caller allows. */
const marginMs = 2000;

/**
 * One node of a cluster, over its HTTP API: a request per call. How requests are sent is the caller's choice.
 * Every method throws the KvcError that the node answers with, or KVC_E_NODE_UNREACHABLE when there is no answer; a
 * write may then have happened or not.
 */
export class NodeClient {
  readonly name: string;
  readonly #url: string;
  readonly #sendRequest: SendRequest;

  /**
   * @param node - `url` is `http://127.0.0.1:PORT`
   * @param send - default: by node:http, which is loaded fastest
   */
  constructor(node: { readonly name: string; readonly url: string }, send: SendRequest = requestJson) {
    this.name = node.name;
    this.#url = node.url;
    this.#sendRequest = send;
  }

  write(key: string, value: Uint8Array | string, options: ValueOptions = {}): Promise<WriteResponseJson> {
    const lifetime = options.ttlMs === undefined ? {} : { ttl_ms: options.ttlMs };
    const body = { key, ...valueFields(value), ...lifetime } satisfies WriteRequestJson;
    return this.#ask('/write', { method: 'POST', body, proof: 'dot', ...writeTerms(options) }, options);
  }

  /** One update: visible whole or not at all. */
  batch(
    writes: readonly (BatchWrite | BatchWriteJson)[],
    options: WriteOptions = {},
  ): Promise<BatchResponseJson> {
    const body = { writes: writes.map(batchFields) } satisfies BatchRequestJson;
    return this.#ask('/batch', { method: 'POST', body, proof: 'dot', ...writeTerms(options) }, options);
  }

  /** A key without a value is an answer like any other, with value null: it too has a clock and a session. */
  async read(key: string, options: RequestOptions = {}): Promise<ReadResponseJson> {
    const answer = await this.#send('/read', { query: { key: parseKey(key) }, proof: 'siblings' }, options);
    const isAbsent =
      answer.status === 404 && errorOfBody(answer.body, answer.status).code === 'KVC_E_KEY_NOT_FOUND';
    if (!isAbsent) return this.#decode(answer, 'siblings') as ReadResponseJson;
    const absent = { ...this.#fields(answer, 'siblings') };
    delete absent['error'];
    return absent as unknown as ReadResponseJson;
  }

  /** All keys as of one instant of the node. */
  readMany(keys: readonly string[], options: RequestOptions = {}): Promise<ReadManyResponseJson> {
    const body = { keys } satisfies ReadManyRequestJson;
    return this.#ask('/read', { method: 'POST', body, proof: 'entries' }, options);
  }

  /** Deletes a key. As a batch of one, for a key such as `..` has no place in the path of a URL. */
  remove(key: string, options: WriteOptions = {}): Promise<WriteResponseJson> {
    return this.change([{ key, delete: true }], options);
  }

  /** Operations on one key, as one update: at least one. The answer says what the last of them left there. */
  async change(writes: readonly BatchWriteJson[], options: WriteOptions = {}): Promise<WriteResponseJson> {
    const { writes: written, dot, clock, session } = await this.batch(writes, options);
    return { ...(written.at(-1) as WrittenJson), dot, clock, session };
  }

  list({ prefix, limit, cursor, ...options }: ListOptions = {}): Promise<KeysResponseJson> {
    const query = { prefix, limit: limit?.toString(), cursor };
    return this.#ask('/keys', { query, proof: 'keys' }, options);
  }

  clock(options: Deadline = {}): Promise<ClockResponseJson> {
    return this.#ask('/clock', { proof: 'clock' }, options);
  }

  inspect(options: Deadline = {}): Promise<InspectResponseJson> {
    return this.#ask('/inspect', { proof: 'pending' }, options);
  }

  faults(options: Deadline = {}): Promise<FaultsResponseJson> {
    return this.#ask('/faults', { proof: 'links' }, options);
  }

  /** Lets the first `count` updates that the held link to `target` holds back through. */
  step(target: string, count = 1, options: Deadline = {}): Promise<StepResponseJson> {
    const body = { target, count } satisfies StepRequestJson;
    return this.#ask('/faults/step', { method: 'POST', body, proof: 'released' }, options);
  }

  members(options: Deadline = {}): Promise<MembersResponseJson> {
    return this.#ask('/members', { proof: 'members' }, options);
  }

  /** A checksum of all that clients can read at the node: nodes with the same updates have the same. */
  digest(options: Deadline = {}): Promise<DigestResponseJson> {
    return this.#ask('/digest', { proof: 'digest' }, options);
  }

  /** The node hands on what only it has, within `timeoutMs`, and leaves the cluster; it is to be stopped then. */
  leave(options: Omit<RequestOptions, 'session'> = {}): Promise<LeaveResponseJson> {
    return this.#ask('/members/leave', { method: 'POST', body: {}, proof: 'handed_on_to' }, options);
  }

  /** Has this node remove another one, which is dead or is to be treated as such, from the cluster. */
  removeMember(node: string, options: Deadline = {}): Promise<RemoveMemberResponseJson> {
    return this.#ask('/members/remove', { method: 'POST', body: { node }, proof: 'held' }, options);
  }

  health(options: HealthOptions = {}): Promise<HealthResponseJson> {
    return this.#ask('/healthz', { proof: 'instance' }, options);
  }

  async #ask<T>(path: string, call: Call, options: RequestOptions): Promise<T> {
    return this.#decode(await this.#send(path, call, options), call.proof) as T;
  }

  #send(path: string, call: Call, options: RequestOptions): Promise<JsonAnswer> {
    const url = new URL(path, this.#url);
    const query = { ...call.query, timeout_ms: options.timeoutMs?.toString() };
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return this.#sendRequest({
      url,
      method: call.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(options.session === undefined ? {} : { 'kvc-session': options.session }),
        ...(options.acceptBy === undefined ? {} : { [acceptByHeader]: String(options.acceptBy.ms) }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      timeoutMs: options.requestTimeoutMs ?? (options.timeoutMs ?? limits.timeoutMsDefault) + marginMs,
      peer: this.name,
      ...(options.acceptBy === undefined ? {} : { onInformation: options.acceptBy.onTakenUp }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  #decode(answer: JsonAnswer, proof: string): unknown {
    if (answer.status < 200 || answer.status > 299) throw errorOfBody(answer.body, answer.status);
    return this.#fields(answer, proof);
  }

  /** Looks whether a kvc node answered, or something else that listens on its port. */
  #fields({ body }: JsonAnswer, proof: string): Record<string, unknown> {
    if (typeof body === 'object' && body !== null && proof in body) return body as Record<string, unknown>;
    throw new KvcError(
      'KVC_E_NODE_UNREACHABLE',
      `what answered at ${this.#url} is not ${this.name}: another program listens on its port; see: kvc status`,
    );
  }
}

function writeTerms(options: WriteOptions): Pick<Call, 'query' | 'headers'> {
  const { replicas, requestId, ifAbsent, ifContext } = options;
  return {
    query: {
      replicas: replicas?.toString(),
      if_absent: ifAbsent === true ? 'true' : undefined,
      if_context: ifContext,
    },
    ...(requestId === undefined ? {} : { headers: { [requestIdHeader]: requestId } }),
  };
}

function valueFields(value: Uint8Array | string) {
  return typeof value === 'string' ? { value } : encodeValue(value);
}

function batchFields(write: BatchWrite | BatchWriteJson): BatchWriteJson {
  return 'value' in write ? { ...write, ...valueFields(write.value) } : write;
}
