import type { RequestNumber } from './step.js';

/** How many bytes each open request holds, and all of them together. */
export class RequestBytes {
  readonly #byRequest = new Map<RequestNumber, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(request: RequestNumber, bytes: number): void {
    this.#byRequest.set(request, bytes);
    this.#total += bytes;
  }

  /** Does nothing for a request that holds none. */
  remove(request: RequestNumber): void {
    this.#total -= this.#byRequest.get(request) ?? 0;
    this.#byRequest.delete(request);
  }
}
