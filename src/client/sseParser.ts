import { KvcError } from '../errors.js';

/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  /** Its `event:` field; `message` where it has none. */
  readonly type: string;
  /** Its `data:` lines, with a line feed between them. Never empty. */
  readonly data: string;
  /** The id that was sent last, with this event or before it; empty before the first. */
  readonly id: string;
}

/** Characters of one event, or of one line: more than any event of a node has. */
const eventCharactersMax = 64 * 1024 * 1024;

/**
 * Takes a stream of server-sent events apart, as its bytes arrive, wherever they are cut. It knows nothing of where they
 * come from. Comments and fields that mean nothing here (`retry`) are skipped; an event without data is none, but its id counts.
 *
 * Source: WHATWG HTML, "Server-sent events", interpreting an event stream.
 */
export class SseParser {
  readonly #decoder = new TextDecoder();
  readonly #charactersMax: number;
  /** Parts of a line whose end has not come yet. */
  #line: string[] = [];
  #lineCharacters = 0;
  /** The last chunk ended with a carriage return: a line feed that follows belongs to it. */
  #endedByReturn = false;
  #type = '';
  #data: string[] = [];
  #dataCharacters = 0;
  #id = '';
  #lastId = '';

  /** @param charactersMax - of one event. Default 64 Mi. */
  constructor(charactersMax = eventCharactersMax) {
    this.#charactersMax = charactersMax;
  }

  /**
   * The id that was sent last, with an event or without, of all that was pushed: what `Last-Event-ID` of the next request is
   * once the events that `push` returned are dealt with. Empty before the first.
   */
  get lastId(): string {
    return this.#lastId;
  }

  /**
   * The events that are complete with these bytes, in their order.
   * @throws KvcError KVC_E_MESSAGE_TOO_LARGE for an event beyond the limit; the stream cannot be read on then
   */
  push(bytes: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return events;
    let from = this.#endedByReturn && text.startsWith('\n') ? 1 : 0;
    this.#endedByReturn = text.endsWith('\r');
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) {
      // The line feed of an end that is cut in two.
      if (index < from) continue;
      this.#takeLine(this.#wholeLine(text.slice(from, index)), events);
      from = index + end.length;
    }
    this.#keep(text.slice(from));
    return events;
  }

  #keep(part: string): void {
    if (part === '') return;
    this.#lineCharacters += part.length;
    this.#assertSize(this.#lineCharacters);
    this.#line.push(part);
  }

  #wholeLine(end: string): string {
    this.#keep(end);
    const line = this.#line.length === 1 ? (this.#line[0] ?? '') : this.#line.join('');
    this.#line = [];
    this.#lineCharacters = 0;
    return line;
  }

  #takeLine(line: string, events: ServerSentEvent[]): void {
    if (line === '') return this.#endEvent(events);
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#addData(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }

  #addData(value: string): void {
    this.#dataCharacters += value.length + 1;
    this.#assertSize(this.#dataCharacters);
    this.#data.push(value);
  }

  #endEvent(events: ServerSentEvent[]): void {
    const data = this.#data.join('\n');
    this.#lastId = this.#id;
    if (data !== '')
      events.push({ type: this.#type === '' ? 'message' : this.#type, data, id: this.#lastId });
    this.#type = '';
    this.#data = [];
    this.#dataCharacters = 0;
  }

  #assertSize(characters: number): void {
    if (characters <= this.#charactersMax) return;
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `an event of the stream exceeds ${this.#charactersMax} characters`,
      { limit: this.#charactersMax },
    );
  }
}
