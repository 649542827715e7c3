import { KvcError, messageOf } from '../errors.js';
import type { NodeName } from '../core/ids.js';
import type { ControlNodeJson, NodeState } from './controlApi.js';
import type { ForkedNode } from './forkedNode.js';
import { RestartPolicy, type NodeFailure } from './restartPolicy.js';

export interface ManagedNodeOptions {
  readonly name: NodeName;
  readonly port: number;
  /** Of the Redis protocol. */
  readonly respPort: number;
  /** @param onProgress - to be told what the process does until it is ready */
  readonly fork: (onProgress: (reason: string) => void) => ForkedNode;
  /** Called after every change of state. `what` says it in words, as in `is running`. */
  readonly onChange: (node: ManagedNode, what: string) => void;
}

const stopMsMax = 5000;
/** A node that ran for so long has got over what failed before. */
const stableFromMs = 10_000;

/**
 * One node of a running cluster: its process, if it has one, and what to do when that ends. Whatever is asked of the
 * node begins a new epoch; what an earlier one still has to say (an exit, a failed start) is then without effect.
 */
export class ManagedNode {
  readonly name: NodeName;
  readonly port: number;
  readonly respPort: number;
  readonly #options: ManagedNodeOptions;
  #state: NodeState = 'killed';
  #sinceMs = Date.now();
  #restarts = 0;
  #detail: string | null = null;
  #process: ForkedNode | undefined;
  #epoch = 0;
  readonly #policy = new RestartPolicy();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ManagedNodeOptions) {
    this.name = options.name;
    this.port = options.port;
    this.respPort = options.respPort;
    this.#options = options;
  }

  get state(): NodeState {
    return this.#state;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  describe(): ControlNodeJson {
    const { name, port, url, respPort: resp_port } = this;
    const [state, since_ms, restarts, detail] = [this.#state, this.#sinceMs, this.#restarts, this.#detail];
    return { name, port, url, resp_port, state, since_ms, restarts, detail };
  }

  /** Resolves when the node serves. If it does not start it has failed, for nobody would see further attempts. */
  async start(): Promise<void> {
    const epoch = this.#newEpoch();
    this.#policy.forget();
    try {
      await this.#launch(epoch);
    } catch (error) {
      if (epoch === this.#epoch) this.#become('failed', messageOf(error));
      throw error;
    }
  }

  /** SIGKILL. The node stays down until it is started again. */
  async kill(): Promise<void> {
    this.#newEpoch();
    const process = this.#process;
    process?.signal('SIGKILL');
    await process?.exited;
    this.#become('killed', null);
  }

  /** A clean shutdown, by force after 5 s. A paused process would not hear of it, so it goes on first. */
  async stop(): Promise<void> {
    this.#newEpoch();
    const process = this.#process;
    if (process === undefined) return;
    process.signal('SIGCONT');
    process.requestStop();
    const force = setTimeout(() => process.signal('SIGKILL'), stopMsMax);
    await process.exited;
    clearTimeout(force);
    this.#become('killed', null, 'is stopped');
  }

  async restart(): Promise<void> {
    const stopped = this.stop();
    const epoch = this.#epoch;
    await stopped;
    if (epoch !== this.#epoch) throw this.#conflict('was stopped while it restarted');
    await this.start();
  }

  pause(): void {
    if (this.#state === 'paused') return;
    if (this.#state !== 'running')
      throw this.#conflict(`is ${this.#state}; only a running node can be paused`);
    this.#process?.signal('SIGSTOP');
    this.#become('paused', null);
  }

  resume(): void {
    if (this.#state === 'running') return;
    if (this.#state !== 'paused') {
      throw this.#conflict(`is ${this.#state}, not paused`, [`kvc restart ${this.name}`]);
    }
    this.#process?.signal('SIGCONT');
    this.#become('running', null);
  }

  async #launch(epoch: number): Promise<void> {
    const process = this.#options.fork((reason) => {
      if (this.#process === process && this.#state === 'starting') this.#detail = reason;
    });
    this.#process = process;
    this.#become('starting', null);
    const gone = process.exited.then((exit) => {
      if (this.#process === process) this.#process = undefined;
      return exit;
    });
    try {
      await process.ready;
    } catch (error) {
      process.signal('SIGKILL');
      await gone;
      throw error;
    }
    if (epoch !== this.#epoch) throw this.#conflict('was stopped while it started');
    this.#become('running', null);
    const readyAtMs = performance.now();
    void gone.then(({ how, code }) => {
      if (performance.now() - readyAtMs >= stableFromMs) this.#policy.forget();
      if (epoch === this.#epoch) this.#failed({ reason: `it ${how}`, code });
    });
  }

  /** The process ended, or did not start, and nobody had asked for that. */
  #failed(failure: NodeFailure): void {
    const decision = this.#policy.decide(failure);
    if (decision.kind === 'give up') this.#become('failed', decision.reason);
    else this.#retryLater(failure.reason, decision.pauseMs);
  }

  #retryLater(reason: string, pauseMs: number): void {
    const epoch = this.#epoch;
    this.#restarts += 1;
    this.#become('restarting', `${reason}; starts again after ${pauseMs / 1000} s`);
    this.#retry = setTimeout(() => {
      this.#launch(epoch).catch((error: unknown) => {
        const code = error instanceof KvcError ? error.code : undefined;
        if (epoch === this.#epoch) this.#failed({ reason: messageOf(error), code });
      });
    }, pauseMs);
  }

  #newEpoch(): number {
    clearTimeout(this.#retry);
    this.#epoch += 1;
    return this.#epoch;
  }

  #become(state: NodeState, detail: string | null, what = `is ${state}`): void {
    this.#state = state;
    this.#detail = detail;
    this.#sinceMs = Date.now();
    this.#options.onChange(this, what);
  }

  #conflict(what: string, remedies: readonly string[] = []): KvcError {
    const facts = remedies.length > 0 ? { node: this.name, try: remedies } : { node: this.name };
    return new KvcError('KVC_E_STATE_CONFLICT', `${this.name} ${what}`, facts);
  }
}
