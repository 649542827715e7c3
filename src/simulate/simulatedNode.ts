import type { NodeName } from '../core/ids.js';
import { NodeLife } from '../driver/nodeLife.js';
import { peerHandlersOf } from '../driver/peerHandlers.js';
import { PeerUrls } from '../driver/peerUrls.js';
import type { RunningNode } from '../driver/runningNode.js';
import type { DataPlace, Surroundings } from '../driver/surroundings.js';
import type { KeyStore } from '../storage/keyStore.js';
import { asKvcError, hasCode, type KvcError } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { Machine, type Life } from './machine/machine.js';
import { VirtualTransport } from './machine/virtualTransport.js';
import { NodeJudge } from './nodeJudge.js';
import { watchedHandlers, watchedTransport } from './watchPeers.js';
import type { Fate, World } from './world.js';

/** Where its data would be on a real disk. */
export const dataDir = '/data';

const firstPort = 7101;

/** As the supervisor gives it. */
const stopMsMax = 5000;

/** One node of a simulated cluster: a machine, and on it, while it is up, all that a node process runs but for HTTP. */
export class SimulatedNode {
  readonly name: NodeName;
  readonly machine: Machine;
  readonly judge: NodeJudge;
  fate: Fate = 'stays';
  /** Its life ended by itself: it cannot start, or must not go on. */
  onEnd: (error: KvcError) => void = () => undefined;
  readonly #world: World;
  readonly #port: number;
  #downMs = 0;
  #process:
    | { readonly life: Life; readonly node: NodeLife; readonly sinceMs: number; isStopping: boolean }
    | undefined;
  #hasServed = false;

  constructor(world: World, name: NodeName, position: number) {
    this.#world = world;
    this.name = name;
    this.#port = firstPort + position;
    this.machine = new Machine(name, world.universe);
    this.judge = new NodeJudge(world, name, () => this.running);
    this.machine.onCrash = () => {
      this.#ended('crash between two effects');
      this.#startAfter(this.#downMs);
    };
  }

  get address(): { readonly name: NodeName; readonly port: number } {
    return { name: this.name, port: this.#port };
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  /** How long its process has been running. */
  get upMs(): number {
    return this.#process === undefined ? 0 : this.#world.timeline.nowMs - this.#process.sinceMs;
  }

  /** The node, while it serves. */
  get running(): RunningNode | undefined {
    return this.#process?.life.isAlive === true ? this.#process.node.running : undefined;
  }

  /** The same, if a client can reach it now. */
  get serving(): RunningNode | undefined {
    return this.machine.isPaused ? undefined : this.running;
  }

  /** Whether it serves, and will go on as it does. */
  get isStaying(): boolean {
    return this.fate === 'stays' && this.serving !== undefined;
  }

  /** It belongs to no cluster yet, and is to. */
  get isJoining(): boolean {
    return this.fate === 'stays' && this.judge.disk === undefined;
  }

  /**
   * Runs something as a client's request does: after a pause if it is paused, not at all if the process ends first, or does
   * not serve then.
   * @param run - also told how to find out whether an answer still gets out
   */
  enter(run: (node: RunningNode, isAlive: () => boolean) => void): void {
    const process = this.#process;
    process?.life.enter(() => {
      if (process.node.running !== undefined) run(process.node.running, () => process.life.isAlive);
    });
  }

  start(): void {
    if (this.#process !== undefined || this.fate === 'gone') return;
    const { network, happened, config } = this.#world;
    const life = this.machine.boot();
    const peers = new PeerUrls(this.#config());
    const membership = () => node.running?.replica.membership;
    const watch = { judge: this.judge, happened, membership, isAlive: () => life.isAlive };
    const transport = watchedTransport(new VirtualTransport(network, life.line, config.answerMsMax), watch);
    const node = new NodeLife(this.#config(), this.#surroundings(life, transport), peers);
    this.#process = { life, node, sinceMs: this.#world.timeline.nowMs, isStopping: false };
    network.listen(
      life.line,
      watchedHandlers(
        peerHandlersOf(() => node.serving()),
        watch,
      ),
    );
    node.open().then(
      () => (this.#hasServed ||= life.isAlive),
      (error: unknown) => this.#failed(life, asKvcError(error)),
    );
  }

  /**
   * The power goes, and comes back.
   * @param effects - after so many interactions with the outside from now, if it comes to that; 0 is at once
   */
  crash(effects: number, downMs: number): void {
    if (this.#process === undefined) return;
    if (effects > 0) {
      this.#downMs = downMs;
      this.machine.crashAt(effects);
      return;
    }
    this.machine.crash();
    this.#ended('crash');
    this.#startAfter(downMs);
  }

  /** A clean stop, by force where it takes too long, and a start. */
  restart(): void {
    const process = this.#process;
    if (process === undefined || process.isStopping) return;
    process.isStopping = true;
    const stopped = (): void => {
      if (this.#process !== process || !process.life.isAlive) return;
      this.machine.kill();
      this.#ended('clean restart');
      this.start();
    };
    process.node.close().then(stopped, stopped);
    this.#world.timeline.after(stopMsMax, stopped);
  }

  pause(forMs: number): void {
    const process = this.#process;
    if (process === undefined || this.machine.isPaused) return;
    this.machine.pause();
    this.#world.happened['node paused'] += 1;
    this.#world.timeline.after(forMs, () => {
      if (this.#process === process) this.machine.resume();
    });
  }

  /** The process ends, and what is on the disk stays as the system has it. */
  kill(): void {
    this.machine.kill();
    this.#process = undefined;
    this.judge.lifeEnded();
  }

  /** Its disk is lost. */
  wipe(): void {
    this.machine.wipe();
    this.#process = undefined;
    this.judge.lifeEnded();
    this.judge.diskLost();
  }

  /** Also where it has been started meanwhile. */
  #startAfter(downMs: number): void {
    this.#world.timeline.after(downMs, () => this.start());
  }

  #surroundings(life: Life, transport: Surroundings['transport']): Surroundings {
    const { time, place, random } = life;
    return {
      time,
      random,
      transport,
      place: { ...place, openStore: (dir, report) => this.#openStore(place, dir, report) },
      report: (level, message) => this.#reported(level, message),
      onProgress: (reason) => this.#world.note(this.name, 'progress', reason),
      onHalt: (error) => this.#failed(life, error),
      watchLog: (log, replica) => this.judge.opens(log, replica, () => life.isAlive),
      onStep: () => {
        if (life.isAlive) this.judge.stepped();
      },
    };
  }

  #reported(level: string, message: string): void {
    const { note, happened } = this.#world;
    note(this.name, level, message);
    if (message.startsWith('cut a torn tail')) happened['torn tail cut'] += 1;
  }

  #config(): NodeConfig {
    const { config, nodes, founders } = this.#world;
    return {
      clusterId: 'simulated',
      clusterName: 'simulated',
      self: this.name,
      instance: this.name,
      members: nodes.filter(({ fate }) => fate !== 'gone').map(({ address }) => address),
      founders,
      dataDir,
      hasServed: this.#hasServed,
      delivery: config.delivery,
      // Nobody watches, and a log that lets go of much leads to snapshots, which are to be many.
      limits: { logKeptBytes: 0, ...config.limits },
      faults: [],
    };
  }

  async #openStore(place: DataPlace, ...asked: Parameters<DataPlace['openStore']>): Promise<KeyStore> {
    try {
      return await place.openStore(...asked);
    } catch (error) {
      if (hasCode(error, 'KVC_E_STORE_CORRUPT')) this.#world.happened['store rebuilt'] += 1;
      throw error;
    }
  }

  /** It cannot start, or must not go on: its process exits, and leaves on the disk what it has written. */
  #failed(life: Life, error: KvcError): void {
    // One that is told to stop gives up what it was at.
    if (this.#process?.life !== life || !life.isAlive || this.#process.isStopping) return;
    this.kill();
    this.onEnd(error);
  }

  #ended(how: 'crash' | 'crash between two effects' | 'clean restart'): void {
    this.#process = undefined;
    this.judge.lifeEnded();
    this.#world.happened[how] += 1;
  }
}
