import { KvcError } from '../../errors.js';
import type { Lifeline } from './lifeline.js';
import type { VirtualDisk } from './virtualDisk.js';

/** With less room than this on the disk no transaction can be written. */
const roomBytesMin = 4096;

/** What one life writes to a key store: each transaction wholly or, where the life ends first, not at all. */
export class Transactions {
  readonly #dir: string;
  readonly #disk: VirtualDisk;
  readonly #life: Lifeline;

  constructor(dir: string, disk: VirtualDisk, life: Lifeline) {
    this.#dir = dir;
    this.#disk = disk;
    this.#life = life;
  }

  /** @throws KvcError KVC_E_DISK_FULL; nothing is written then */
  async commit(what: string, write: () => void): Promise<void> {
    const transaction = { what, detail: this.#dir, delayMs: this.#disk.syncMs() };
    await this.#life.task(transaction, () => this.#requireRoom(), write);
    // The life may end when this is durable, and before it comes to hear of it.
    await this.#life.call({ what: 'committed', detail: what, delayMs: 0 }, () => undefined);
  }

  /** How many entries the next of several transactions takes. */
  batch(): number {
    return this.#disk.batch();
  }

  #requireRoom(): void {
    if (this.#disk.roomBytes >= roomBytesMin) return;
    throw new KvcError('KVC_E_DISK_FULL', `the disk has no room for the key store in ${this.#dir}`, {
      dir: this.#dir,
    });
  }
}
