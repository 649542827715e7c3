import type { KvcClient } from '../client/library/kvcClient.js';
import type { ConnectOptions } from '../client/library/options.js';
import type { InspectResponseJson } from '../protocol/inspectApi.js';
import type { StartClusterOptions } from './clusterOptions.js';

/** A node of a cluster under test. */
export interface TestNode {
  /** Such as `node1`. */
  readonly name: string;
  /** `http://127.0.0.1:PORT`; it stays the same when the node restarts. */
  readonly url: string;
  /**
   * Where clients of Redis reach it, on 127.0.0.1; it stays the same, too. In-process, any port; as a process, 1000 above that of
   * the URL.
   */
  readonly respPort: number;
}

/** How a fault on links is to act. */
export interface FaultOptions {
  /** On the links in the other direction as well. Default false. */
  readonly both?: boolean;
  /** Ends by itself after so long: `30s`, or ms. Default: it stays until `heal`, or until it is put `off`. */
  readonly for?: string | number;
}

/** For how long to wait. */
export interface ConvergedOptions {
  /** In ms. Default 10,000. */
  readonly timeout?: number;
}

/**
 * A cluster that a test has for itself: several may run at once, in one process and in many.
 *
 * Faults act on what nodes send each other, never on clients, and have the words of the command line. A target is `node3`
 * (what arrives at it), `node1:node3` (one link, one way) or `all`; a node may be called by its number alone. A fault of the
 * same kind on a link replaces the one before, and `off` in place of its measure ends it. Every method fails with a
 * KvcError: KVC_E_USAGE for what cannot be read, KVC_E_NODE_UNKNOWN, KVC_E_CLOSED after the cluster was disposed of.
 */
export interface TestCluster {
  /** How its nodes run. */
  readonly mode: NonNullable<StartClusterOptions['mode']>;
  /** Given to `startCluster` again, faults leave the same to chance. */
  readonly seed: number;
  /** node1, node2 and so on. */
  readonly nodes: readonly TestNode[];
  /** Of all nodes, in their order. */
  readonly urls: readonly string[];

  /**
   * A client of all nodes, as `connect` of the package gives it. It is closed with the cluster, if not before.
   * @throws KvcError those of `connect`
   * @example
   * ```ts
   * const client = await cluster.connect();
   * ```
   */
  connect(options?: Omit<ConnectOptions, 'nodes'>): Promise<KvcClient>;

  /**
   * Delays messages.
   * @param target - `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`
   * @param delay - `200ms`, `200ms±50ms`, ms as a number, or `off`
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.delay('node3', '200ms±50ms', { for: '5s' });
   * ```
   */
  delay(target: string, delay: string | number, options?: FaultOptions): Promise<void>;
  /**
   * Loses messages.
   * @param target - `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`
   * @param share - such as `20%`, or `off`
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.drop('all', '20%');
   * ```
   */
  drop(target: string, share: string, options?: FaultOptions): Promise<void>;
  /**
   * Sends messages twice.
   * @param target - `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`
   * @param share - such as `20%`, or `off`
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.duplicate('node1:node2', '50%', { both: true });
   * ```
   */
  duplicate(target: string, share: string, options?: FaultOptions): Promise<void>;
  /**
   * Lets later messages overtake.
   * @param target - `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`
   * @param share - such as `20%`, or `off`
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.reorder('all', '30%');
   * ```
   */
  reorder(target: string, share: string, options?: FaultOptions): Promise<void>;
  /**
   * Keeps all messages back, in a queue, until `release`.
   * @param target - `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.hold('node1:node3');
   * ```
   */
  hold(target: string, options?: FaultOptions): Promise<void>;
  /**
   * Lets the first updates that a held link keeps back through.
   * @param link - such as `node1:node3`
   * @param count - how many; default 1
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.step('node1:node3', 2);
   * ```
   */
  step(link: string, count?: number): Promise<void>;
  /**
   * Lets go what `hold` keeps back.
   * @param target - `node3` (what arrives at it), `node1:node3` (one link, one way) or `all`
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.release('node1:node3');
   * ```
   */
  release(target: string): Promise<void>;
  /**
   * Cuts all links between groups of nodes, until `heal`. Nodes that are not named form a group of their own.
   * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.partition(['node1'], ['node2', 'node3']);
   * ```
   */
  partition(...groups: readonly (readonly string[])[]): Promise<void>;
  /**
   * Ends all faults on links. Nodes that are paused or killed stay so.
   * @throws KvcError KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.heal();
   * ```
   */
  heal(): Promise<void>;

  /**
   * Ends a node at once. In-process, what it acknowledged and had not passed on yet is lost, and connections to it are reset
   * rather than refused; as a process it is ended by SIGKILL, and has everything again when it is restarted.
   * @param node - `node2`, or `2`
   * @throws KvcError KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.kill('node2');
   * await cluster.restart('node2');
   * ```
   */
  kill(node: string): Promise<void>;
  /**
   * Starts a node again; one that runs is stopped first. Resolves when it serves. A node in-process comes back as a new
   * replica without data, and takes its state from the others, so it waits until it reaches them.
   * @param node - `node2`, or `2`
   * @throws KvcError KVC_E_NODE_UNKNOWN, KVC_E_START_FAILED or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.restart('node2');
   * ```
   */
  restart(node: string): Promise<void>;
  /**
   * Makes a node stand still: it takes requests and does not answer. As a process by SIGSTOP.
   * @param node - `node2`, or `2`
   * @throws KvcError KVC_E_STATE_CONFLICT unless it runs; KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.pause('node1');
   * ```
   */
  pause(node: string): Promise<void>;
  /**
   * Lets a node go on that was paused.
   * @param node - `node2`, or `2`
   * @throws KvcError KVC_E_STATE_CONFLICT if it does not run; KVC_E_NODE_UNKNOWN or KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.resume('node1');
   * ```
   */
  resume(node: string): Promise<void>;

  /**
   * Waits until all nodes that are neither killed nor paused have delivered the same and hold the same.
   * @throws KvcError KVC_E_VERDICT_UNKNOWN if they do not in time: it says what they have, and which faults stand; KVC_E_CLOSED
   * @example
   * ```ts
   * await cluster.heal();
   * await cluster.converged({ timeout: 5000 });
   * ```
   */
  converged(options?: ConvergedOptions): Promise<void>;
  /**
   * What a node says of itself: its clock, pending updates with what they wait for, links.
   * @param node - `node2`, or `2`
   * @throws KvcError KVC_E_NODE_UNKNOWN, KVC_E_NODE_UNREACHABLE or KVC_E_CLOSED
   * @example
   * ```ts
   * const { clock, pending } = await cluster.inspect('node3');
   * ```
   */
  inspect(node: string): Promise<InspectResponseJson>;

  /**
   * Ends the nodes at once and removes every trace of them. May be called again.
   * @example
   * ```ts
   * afterAll(() => cluster.close());
   * ```
   */
  close(): Promise<void>;
  /**
   * `close`, which `await using` calls.
   * @example
   * ```ts
   * await using cluster = await startCluster();
   * ```
   */
  [Symbol.asyncDispose](): Promise<void>;
}
