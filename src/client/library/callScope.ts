import { setTimeout as sleep } from 'node:timers/promises';
import type { KvcError } from '../../errors.js';
import { gaveUp } from '../unreachable.js';
import type { Lifetime } from './lifetime.js';

export interface ScopeTerms {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly lifetime: Lifetime;
}

/** One call from its start to its end: its deadline, and whether its caller still wants it. */
export class CallScope {
  readonly timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #deadline: number;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#deadline = performance.now() + timeoutMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return this.#deadline - performance.now();
  }

  end(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** @throws KvcError KVC_E_ABORTED if the caller gave up, or closed the client meanwhile */
  requireWanted(): void {
    if (this.signal.aborted) throw this.#givenUp();
  }

  /** @throws KvcError KVC_E_ABORTED */
  async pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.signal });
    } catch {
      throw this.#givenUp();
    }
  }

  #givenUp(): KvcError {
    return gaveUp(this.signal.reason);
  }
}

/** What begins with `openScope` must end with `close`. */
export interface OpenScope {
  readonly scope: CallScope;
  readonly close: () => void;
}

/**
 * Ties a scope to its signal and client.
 * @throws KvcError KVC_E_CLOSED if the client is closed, KVC_E_ABORTED if the signal is aborted
 */
export function openScope({ timeoutMs, signal, lifetime }: ScopeTerms): OpenScope {
  lifetime.requireOpen();
  const scope = new CallScope(timeoutMs);
  const abort = (): void => scope.end(signal?.reason);
  if (signal?.aborted === true) abort();
  scope.requireWanted();
  signal?.addEventListener('abort', abort, { once: true });
  const forget = lifetime.onEnd(() => scope.end(new Error('the client was closed')));
  const close = (): void => {
    signal?.removeEventListener('abort', abort);
    forget();
  };
  return { scope, close };
}

/**
 * Runs a call within its deadline, signal and client.
 * @throws KvcError what `openScope` throws
 */
export async function inScope<T>(terms: ScopeTerms, call: (scope: CallScope) => Promise<T>): Promise<T> {
  const { scope, close } = openScope(terms);
  try {
    return await call(scope);
  } finally {
    close();
  }
}
