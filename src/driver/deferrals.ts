/** Promises that are settled later by number; settling a number that is not open does nothing. */
export class Deferrals<T> {
  readonly #open = new Map<number, { resolve: (value: T) => void; reject: (error: Error) => void }>();

  open(number: number): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#open.set(number, { resolve, reject }));
  }

  resolve(number: number, value: T): void {
    this.#open.get(number)?.resolve(value);
    this.#open.delete(number);
  }

  reject(number: number, error: Error): void {
    this.#open.get(number)?.reject(error);
    this.#open.delete(number);
  }

  rejectAll(error: Error): void {
    for (const number of [...this.#open.keys()]) this.reject(number, error);
  }
}
