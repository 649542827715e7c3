import { Duplex } from 'node:stream';
import type { Gate } from './gate.js';

/** A connection on which nothing passes, either way, while the gate is shut. */
export class GatedStream extends Duplex {
  readonly #inner: Duplex;
  readonly #gate: Gate;

  constructor(inner: Duplex, gate: Gate) {
    super();
    this.#inner = inner;
    this.#gate = gate;
    inner.on('data', (chunk: Buffer) => this.#bring(chunk));
    inner.on('end', () => gate.pass(() => this.push(null)));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#gate.pass(() => this.#inner.resume());
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    this.#gate.pass(() => this.#inner.write(chunk, done));
  }

  override _final(done: () => void): void {
    this.#gate.pass(() => this.#inner.end(done));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }

  #bring(chunk: Buffer): void {
    // What is not read yet stays with the sender.
    if (!this.#gate.isOpen) this.#inner.pause();
    this.#gate.pass(() => {
      if (this.push(chunk)) this.#inner.resume();
      else this.#inner.pause();
    });
  }
}
