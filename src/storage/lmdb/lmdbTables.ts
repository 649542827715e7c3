import type { Dot } from '../../core/clock/dot.js';
import { bytesOfVersions, type Versions } from '../../core/versions.js';
import { decodeVersions, encodeVersions } from '../../protocol/versionsRecord.js';
import { encodeCheckpoint } from '../checkpointRecord.js';
import { decodeDots, encodeDots } from '../dotsRecord.js';
import type { Checkpoint } from '../keyStore.js';
import { sealRecord } from '../sealedRecord.js';
import { change, commit, put } from './commit.js';
import { checkpointKey, type LmdbFiles } from './environment.js';
import { LmdbTable } from './lmdbTable.js';

/** What checkpoints write: keys and requests, each under an overlay. They are frozen, written and restored together. */
export class LmdbTables {
  readonly versions: LmdbTable<Versions>;
  readonly requests: LmdbTable<readonly Dot[]>;
  readonly #files: LmdbFiles;

  constructor(files: LmdbFiles) {
    this.#files = files;
    this.versions = new LmdbTable<Versions>(files.versions, {
      encode: encodeVersions,
      decode: decodeVersions,
      bytesOf: bytesOfVersions,
    });
    this.requests = new LmdbTable<readonly Dot[]>(files.requests, {
      encode: encodeDots,
      decode: decodeDots,
      bytesOf: (dots) => dots.length * dotBytes,
    });
  }

  get dirtyKeys(): number {
    return this.versions.dirtyKeys + this.requests.dirtyKeys;
  }

  get dirtyBytes(): number {
    return this.versions.dirtyBytes + this.requests.dirtyBytes;
  }

  get size(): number {
    return this.versions.size + this.requests.size;
  }

  /** Begins a checkpoint of all that has changed. The oldest one ends by `write`, `drop` or `restore`. */
  freeze(): void {
    for (const table of this.#all) table.freeze();
  }

  /** Writes the oldest checkpoint with its facts in one transaction. */
  async write(checkpoint: Checkpoint): Promise<void> {
    const changes = [...(await this.versions.encodeFrozen()), ...(await this.requests.encodeFrozen())];
    await commit(this.#files, () => {
      for (const each of changes) change(each);
      putCheckpoint(this.#files, checkpoint);
    });
  }

  drop(): void {
    for (const table of this.#all) table.drop();
  }

  restore(): void {
    for (const table of this.#all) table.restore();
  }

  get #all(): readonly [LmdbTable<Versions>, LmdbTable<readonly Dot[]>] {
    return [this.versions, this.requests];
  }
}

/** What a dot takes in memory, roughly. */
const dotBytes = 64;

/** Within a transaction. */
export function putCheckpoint({ facts }: LmdbFiles, checkpoint: Checkpoint): void {
  put(facts, checkpointKey, sealRecord(checkpointKey, encodeCheckpoint(checkpoint)));
}
