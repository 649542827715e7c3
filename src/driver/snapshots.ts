import type { ReplicaId } from '../core/ids.js';
import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';
import type { StoreCut } from '../storage/storeSnapshot.js';
import type { Surroundings } from './surroundings.js';
import type { Timer } from './time.js';

/** Snapshots given out at the same time. */
const openMax = 4;

/** A snapshot that nobody asks for any more is closed after this: while it is open, its old pages cannot be used again. */
const leaseMs = 60_000;

/** One that was read to its end may be asked for its last part once more, if the answer was lost. */
const readLeaseMs = 5000;

interface OpenSnapshot {
  readonly cut: StoreCut;
  lease: Timer;
}

/** The snapshots that peers are taking of this node, each a cut that stays as it is while the node goes on. */
export class Snapshots {
  readonly #surroundings: Pick<Surroundings, 'time' | 'random'>;
  readonly #self: ReplicaId;
  readonly #begin: () => Promise<StoreCut>;
  readonly #open = new Map<string, OpenSnapshot>();
  #beginning = 0;
  #given = 0;
  #closed = false;

  /** @param begin - makes a cut of the state as it is now */
  constructor(
    surroundings: Pick<Surroundings, 'time' | 'random'>,
    self: ReplicaId,
    begin: () => Promise<StoreCut>,
  ) {
    this.#surroundings = surroundings;
    this.#self = self;
    this.#begin = begin;
  }

  /** How many were given out. */
  get given(): number {
    return this.#given;
  }

  /** @throws KvcError KVC_E_SNAPSHOT_GONE, KVC_E_OVERLOADED */
  async read({ snapshot, position }: SnapshotPartRequest): Promise<SnapshotChunk> {
    const id = snapshot ?? (await this.#start());
    const open = this.#open.get(id);
    if (open === undefined) throw gone(id);
    const { requests, keys, next } = open.cut.read(position ?? undefined, limits.snapshotChunkBytesMax);
    open.lease.cancel();
    open.lease = this.#lease(id, next === undefined ? readLeaseMs : leaseMs);
    const { checkpoint, entries } = open.cut;
    return { from: this.#self, snapshot: id, checkpoint, requests, keys, next: next ?? null, entries };
  }

  /** No other one is given after it. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#open.keys()]) this.#end(id);
  }

  async #start(): Promise<string> {
    const open = this.#open.size + this.#beginning;
    if (open >= openMax) {
      const message = `${open} snapshots are being taken of this node, which is the limit; try again later`;
      throw new KvcError('KVC_E_OVERLOADED', message);
    }
    this.#beginning += 1;
    try {
      const cut = await this.#begin();
      const id = this.#newId();
      if (this.#closed) {
        cut.close();
        throw gone(id);
      }
      this.#open.set(id, { cut, lease: this.#lease(id, leaseMs) });
      this.#given += 1;
      return id;
    } finally {
      this.#beginning -= 1;
    }
  }

  #lease(id: string, ms: number): Timer {
    return this.#surroundings.time.after(ms, () => this.#end(id));
  }

  /** By chance, for a peer may ask for one that an earlier process gave. */
  #newId(): string {
    const { random } = this.#surroundings;
    const part = (): string =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return part() + part();
  }

  #end(id: string): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    open.lease.cancel();
    open.cut.close();
  }
}

function gone(id: string): KvcError {
  return new KvcError('KVC_E_SNAPSHOT_GONE', `there is no snapshot ${id} here any more; begin a new one`);
}
