import type { ForkedNode, NodeExit } from '../../cluster/forkedNode.js';
import type { Log } from '../../driver/log.js';
import { asKvcError, messageOf, type KvcError } from '../../errors.js';
import { NodeProcess } from '../../node/nodeProcess.js';
import { realTime } from '../../node/realTime.js';
import type { FaultRuleJson } from '../../protocol/faultsApi.js';
import type { NodeConfig } from '../../protocol/nodeMessages.js';
import type { Door } from './door.js';
import type { Gate } from './gate.js';
import { gatedTime } from './gatedTime.js';
import { GatedTransport } from './gatedTransport.js';

export interface InProcessNodeOptions {
  readonly config: NodeConfig;
  readonly door: Door;
  /** For the Redis protocol. */
  readonly respDoor: Door;
  /** Of the doors. */
  readonly gate: Gate;
  readonly report: Log;
  readonly onFaults: (faults: readonly FaultRuleJson[]) => void;
  readonly onProgress: (reason: string) => void;
}

/**
 * One life of a node in this process, which takes the signals that a process takes: SIGKILL ends it without a word, and what
 * it held in memory goes nowhere; SIGSTOP makes it stand still until SIGCONT.
 */
export class InProcessNode implements ForkedNode {
  readonly pid = undefined;
  readonly ready: Promise<void>;
  readonly exited: Promise<NodeExit>;
  readonly #gate: Gate;
  readonly #node: NodeProcess;
  readonly #report: Log;
  #exit: (exit: NodeExit) => void = () => undefined;
  #ending = false;

  constructor({ config, door, respDoor, gate, report, onFaults, onProgress }: InProcessNodeOptions) {
    this.#gate = gate;
    this.#report = report;
    this.exited = new Promise((resolve) => (this.#exit = resolve));
    const events = { report, onFaults, onProgress, onHalt: (error: KvcError) => this.#fail(error) };
    this.#node = new NodeProcess(config, events, {
      entrance: door,
      respEntrance: respDoor,
      time: gatedTime(realTime(), gate),
      wrap: (network) => new GatedTransport(network, gate),
    });
    this.ready = this.#open();
    // Whoever forked it hears of it by `ready`, or does not want to know any more.
    this.ready.catch(() => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGSTOP') this.#gate.shut();
    else if (signal === 'SIGCONT') this.#gate.open();
    else this.#end(() => this.#node.kill(), { how: `was ended by ${signal}`, code: undefined });
  }

  requestStop(): void {
    this.#end(() => this.#node.close(), { how: 'was stopped', code: undefined });
  }

  async #open(): Promise<void> {
    try {
      await this.#node.open();
    } catch (error) {
      this.#fail(asKvcError(error));
      throw error;
    }
  }

  #fail(error: KvcError): void {
    if (this.#ending) return;
    this.#report('error', error.message, { code: error.code });
    this.#end(() => this.#node.kill(), { how: `ended: ${error.message}`, code: error.code });
  }

  #end(close: () => Promise<void>, exit: NodeExit): void {
    if (this.#ending) return;
    this.#ending = true;
    const closed = close();
    // One that stood still is cut off by now, and nobody hears what it was about to say.
    this.#gate.open();
    closed
      .catch((error: unknown) =>
        this.#report('error', 'could not close cleanly', { error: messageOf(error) }),
      )
      .finally(() => this.#exit(exit));
  }
}
