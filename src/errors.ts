/** What a code promises its reader. Codes are contract; messages may improve. */
export interface ErrorKind {
  /** In words. */
  readonly meaning: string;
  /** True: what was asked for certainly did not happen and will not. False: it may have happened, or still may. */
  readonly definite: boolean;
  /** True: the same request may succeed later, or at another node, unchanged. */
  readonly retryable: boolean;
  /** Status of the answer over HTTP. */
  readonly httpStatus: number;
  /** Exit code of the command line. */
  readonly exitCode: number;
}

function kind(meaning: string, httpStatus: number, exitCode: number, traits = ''): ErrorKind {
  return {
    meaning,
    definite: !traits.includes('indefinite'),
    retryable: traits.includes('retryable'),
    httpStatus,
    exitCode,
  };
}

/** The one table of error codes; HTTP, the CLI and the documentation read it. */
export const errorKinds = {
  KVC_E_INTERNAL: kind('a defect in kvc', 500, 1, 'indefinite'),
  KVC_E_BAD_REQUEST: kind('the request is malformed', 400, 2),
  KVC_E_USAGE: kind('the command was given wrong arguments', 400, 2),
  KVC_E_KEY_INVALID: kind('a key is empty, too long or not well-formed text', 400, 2),
  KVC_E_VALUE_TOO_LARGE: kind('a value exceeds its limit', 413, 2),
  KVC_E_MESSAGE_TOO_LARGE: kind('a request or batch exceeds its limit', 413, 2),
  KVC_E_MEDIA_TYPE: kind('the content type is not the one the route takes', 415, 2),
  KVC_E_ROUTE_NOT_FOUND: kind('there is no such route', 404, 2),
  KVC_E_METHOD_NOT_ALLOWED: kind('the route does not take this method', 405, 2),
  KVC_E_HOST_FORBIDDEN: kind('the Host header names another host, as a rebound DNS name would', 403, 2),
  KVC_E_CONTROL_FORBIDDEN: kind('the control API needs the token in the cluster file', 403, 2),
  KVC_E_KEY_NOT_FOUND: kind('the key has no value here', 404, 3),
  KVC_E_NODE_UNKNOWN: kind('no node of this cluster has that name', 404, 3),
  KVC_E_SESSION_UNKNOWN: kind('the cluster has no session of that name', 404, 3),
  KVC_E_TOKEN_INVALID: kind('a session token cannot be read', 400, 2),
  KVC_E_TOKEN_FOREIGN: kind('a session token belongs to another cluster', 409, 2),
  KVC_E_CLUSTER_FOREIGN: kind('a message comes from a node of another cluster', 409, 7),
  KVC_E_DEPS_TIMEOUT: kind(
    'the node did not deliver what the session has seen before the deadline',
    503,
    6,
    'retryable',
  ),
  KVC_E_DEPS_LOST: kind('the session has seen a write that was lost with the data of its node', 409, 6),
  KVC_E_NOT_DURABLE: kind(
    'the write was not durable, or not at as many nodes as asked, before the deadline; it may still happen',
    504,
    6,
    'indefinite retryable',
  ),
  KVC_E_CONDITION_FAILED: kind('the key holds a version that the writer has not seen', 412, 8),
  KVC_E_TYPE_MISMATCH: kind('the key holds a value of another type', 409, 2),
  KVC_E_COUNTER_RANGE: kind('the counter would leave the range of exact integers', 409, 2),
  KVC_E_WATCH_LOST: kind('the node ended a watch that did not keep up', 503, 5, 'retryable'),
  KVC_E_ABORTED: kind('the caller gave up; a write may have happened', 499, 130, 'indefinite'),
  KVC_E_CODEC: kind('a value cannot be encoded, or what is stored cannot be decoded', 400, 2),
  KVC_E_TOO_LATE: kind(
    'the request reached the node after the time by which it was to be taken up',
    408,
    6,
    'retryable',
  ),
  KVC_E_REQUEST_EXPIRED: kind('the request id is too old to tell whether the write happened before', 409, 2),
  KVC_E_DOT_REUSED: kind('an update bears a dot that already names other content', 409, 7),
  KVC_E_OVERLOADED: kind('the node does not keep up, or holds as much as it may', 503, 5, 'retryable'),
  KVC_E_DISK_FULL: kind('the disk of the node has no room; nothing was written', 507, 5, 'retryable'),
  KVC_E_NOT_READY: kind('the node is starting, catching up or stopping', 503, 5, 'retryable'),
  KVC_E_REMOVED: kind('the node was removed from the cluster, or lost its data and has a successor', 410, 7),
  KVC_E_SNAPSHOT_GONE: kind('the node no longer has the snapshot that was asked for', 410, 1, 'retryable'),
  KVC_E_CLOSED: kind('the object was used after it was closed', 503, 1),
  KVC_E_CLUSTER_NOT_RUNNING: kind('the cluster is not running', 503, 4),
  KVC_E_CLUSTER_RUNNING: kind('the cluster is already running', 409, 7),
  KVC_E_STATE_CONFLICT: kind('the request does not fit the state of the cluster or node', 409, 7),
  KVC_E_PORT_TAKEN: kind('a port is in use by another process', 409, 7),
  KVC_E_DATA_LOCKED: kind('another live process uses the data directory', 409, 7),
  KVC_E_DATA_LOST: kind("a node's durable history is gone or behind what its peers hold", 409, 7),
  KVC_E_DATA_FOREIGN: kind('the data directory belongs to another cluster or node', 409, 7),
  KVC_E_FORMAT_UNKNOWN: kind('data was written by another version of kvc', 409, 7),
  KVC_E_LOG_CORRUPT: kind('the update log is damaged before its tail', 500, 1),
  KVC_E_LOG_TRUNCATED: kind('the update log no longer holds what was asked for', 503, 1, 'retryable'),
  KVC_E_STORE_CORRUPT: kind('the key store is damaged', 500, 1),
  KVC_E_LOG_FAILED: kind('writing the update log failed; what it holds is unknown', 500, 1, 'indefinite'),
  KVC_E_STORE_FAILED: kind('the key store failed', 500, 1, 'indefinite'),
  KVC_E_START_FAILED: kind('a node did not start', 500, 1),
  KVC_E_NODE_UNREACHABLE: kind('the node did not answer', 503, 5, 'indefinite retryable'),
  KVC_E_NODE_DOWN: kind('the node is not running', 503, 5, 'retryable'),
  KVC_E_NODE_PAUSED: kind('the node is paused', 503, 5, 'retryable'),
  KVC_E_HISTORY_INVALID: kind('a history of operations cannot be read', 400, 2),
  KVC_E_ANOMALY: kind('an outcome contradicts causal consistency', 500, 10),
  KVC_E_VERDICT_UNKNOWN: kind('a check came to no verdict', 503, 11, 'retryable'),
} as const satisfies Record<string, ErrorKind>;

/** One of the codes of `errorKinds`. */
export type ErrorCode = keyof typeof errorKinds;

/** Facts of an error for programs: JSON values only. */
export type ErrorFacts = Readonly<Record<string, unknown>>;

/**
 * Every failure that kvc reports on purpose. Anything else that is thrown is a defect.
 *
 * @example
 * ```ts
 * try {
 *   await client.set('cart', cart, { create: true });
 * } catch (error) {
 *   if (!(error instanceof KvcError) || error.code !== 'KVC_E_CONDITION_FAILED') throw error;
 * }
 * ```
 */
export class KvcError extends Error {
  /** Which failure it is. */
  readonly code: ErrorCode;
  /** What it is about, such as `node`, `key` or `missing`. */
  readonly facts: ErrorFacts;

  /**
   * @example
   * ```ts
   * throw new KvcError('KVC_E_USAGE', 'name the file', { field: 'file' });
   * ```
   */
  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KvcError';
    this.code = code;
    this.facts = facts;
  }

  /** What its code promises. */
  get kind(): ErrorKind {
    return errorKinds[this.code];
  }

  /** True: what was asked for certainly did not happen and will not. False: it may have happened, or still may. */
  get definite(): boolean {
    return this.kind.definite;
  }

  /** True: the same request may succeed later, or at another node, unchanged. */
  get retryable(): boolean {
    return this.kind.retryable;
  }

  /**
   * The same failure with further facts, and where more is known of it in other words.
   * @example
   * ```ts
   * throw error.with({ file: 'history.ndjson' });
   * ```
   */
  with(facts: ErrorFacts, message = this.message): KvcError {
    return new KvcError(this.code, message, { ...this.facts, ...facts }, { cause: this });
  }
}

/** Anything thrown as a KvcError: what is none is a defect, unless a code says what else it stands for. */
export function asKvcError(thrown: unknown, code: ErrorCode = 'KVC_E_INTERNAL'): KvcError {
  if (thrown instanceof KvcError) return thrown;
  return new KvcError(code, messageOf(thrown), {}, { cause: thrown });
}

/** Whether what was thrown is a KvcError with that code. */
export function hasCode(thrown: unknown, code: ErrorCode): thrown is KvcError {
  return thrown instanceof KvcError && thrown.code === code;
}

/**
 * Whether something, such as a field of an answer, is a code of this version.
 * @example
 * ```ts
 * if (isErrorCode(body.error.code)) console.log(errorKinds[body.error.code].retryable);
 * ```
 */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorKinds, code);
}

/** The message of anything thrown, for a log line or a `cause`. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
