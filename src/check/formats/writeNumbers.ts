import type { History, Operation, Returned, Write } from '../history.js';
import type { Value } from '../historyLine.js';

interface NumberedWrite {
  readonly number: number;
  readonly write: Write;
}

/**
 * Gives every write of a history a number of its own, from 1, and finds the one that a read returned: by its name, or,
 * where one of the two has none, by a value that was written once. 0 is the state in which a key begins.
 */
export class WriteNumbers {
  readonly #byWrite = new Map<Write, number>();
  readonly #byName = new Map<string, NumberedWrite[]>();
  readonly #byValue = new Map<string, NumberedWrite[]>();
  /** Numbers for what was returned and never written. */
  readonly #unwritten = new Map<string, number>();
  #last = 0;

  constructor(history: History) {
    for (const write of history.flatMap(writesOf)) {
      const numbered = { number: this.#next(), write };
      this.#byWrite.set(write, numbered.number);
      push(this.#byValue, valueText(write.key, write.value), numbered);
      if (write.wid !== undefined) push(this.#byName, nameText(write.key, write.wid), numbered);
    }
  }

  of(write: Write): number {
    return this.#byWrite.get(write) ?? 0;
  }

  /** undefined: it may have been one of several writes. */
  ofReturned(key: string, { value, wid }: Returned): number | undefined {
    const named = wid === undefined ? [] : (this.#byName.get(nameText(key, wid)) ?? []);
    const ofThatName = named.find(({ write }) => write.value === value) ?? named.at(-1);
    if (ofThatName !== undefined) return ofThatName.number;
    const alike = this.#byValue.get(valueText(key, value)) ?? [];
    const candidates = wid === undefined ? alike : alike.filter(({ write }) => write.wid === undefined);
    if (value === null && wid === undefined) return candidates.length === 0 ? 0 : undefined;
    if (candidates.length > 1) return undefined;
    return (
      candidates[0]?.number ??
      this.#ofUnwritten(wid === undefined ? valueText(key, value) : nameText(key, wid))
    );
  }

  #ofUnwritten(text: string): number {
    const number = this.#unwritten.get(text) ?? this.#next();
    this.#unwritten.set(text, number);
    return number;
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }
}

export function writesOf({ accesses }: Operation): Write[] {
  return accesses.filter((access) => access.kind === 'write');
}

function push(index: Map<string, NumberedWrite[]>, text: string, write: NumberedWrite): void {
  const list = index.get(text);
  if (list === undefined) index.set(text, [write]);
  else list.push(write);
}

function nameText(key: string, wid: string): string {
  return JSON.stringify(['name', key, wid]);
}

function valueText(key: string, value: Value | null): string {
  return JSON.stringify(['value', key, value]);
}
