/** Promises that are settled later by name; settling one that is not open does nothing. */
export class Deferrals<T> {
  readonly #open = new Map<unknown, { resolve: (value: T) => void; reject: (error: Error) => void }>();

  open(name: unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#open.set(name, { resolve, reject }));
  }

  resolve(name: unknown, value: T): void {
    this.#open.get(name)?.resolve(value);
    this.#open.delete(name);
  }

  reject(name: unknown, error: Error): void {
    this.#open.get(name)?.reject(error);
    this.#open.delete(name);
  }

  rejectAll(error: Error): void {
    for (const name of [...this.#open.keys()]) this.reject(name, error);
  }
}
