import { counterOf, raise, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Time } from './time.js';

/** Encoded updates of one origin that are read ahead, unless a single one is larger. */
const batchBytesMax = 64 * 1024;

export interface FeedParts {
  readonly log: Pick<UpdateLog, 'read'>;
  readonly time: Pick<Time, 'giveWay'>;
}

/**
 * The updates of the log behind a position, in an order that respects causality. Nothing waits in memory for a consumer
 * that is slow: the log is the queue, and what bounds it is that the log lets its oldest updates go.
 *
 * The order is that of (timestamp, replica id), merged from the streams of all origins. An update's timestamp is greater than
 * those of all it depends on, and whatever it depends on is durable when it is itself: so if one is the first of what is
 * left of a durable vector, no dependency of it is.
 */
export class UpdateFeed {
  readonly #parts: FeedParts;
  readonly #position: Map<ReplicaId, number>;

  /** @param after - what is not to be given again: any vector, causally closed or not, also one beyond what the log has */
  constructor(parts: FeedParts, after: VersionVector) {
    this.#parts = parts;
    this.#position = new Map(after);
  }

  /** Live: what it began behind, and all that it has given since. A feed behind it gives exactly the rest. */
  get position(): VersionVector {
    return this.#position;
  }

  /**
   * What `durable` contains behind the position.
   * @param durable - what is durable in the log at this moment
   * @throws KvcError KVC_E_LOG_TRUNCATED if the log no longer holds it; KVC_E_LOG_CORRUPT, KVC_E_CLOSED
   */
  async *upTo(durable: VersionVector): AsyncGenerator<Update, void, undefined> {
    const streams = this.#streamsTo(durable);
    while (streams.length > 0) {
      for (const stream of streams) if (stream.isEmpty) await stream.load();
      const stream = streamWithFirst(streams);
      const update = stream.take();
      this.#position.set(update.dot.replica, update.dot.counter);
      if (stream.isDone) streams.splice(streams.indexOf(stream), 1);
      yield update;
    }
  }

  /** Passes over what `clock` contains. */
  jump(clock: VersionVector): void {
    raise(this.#position, clock);
  }

  #streamsTo(durable: VersionVector): OriginStream[] {
    const streams: OriginStream[] = [];
    for (const [origin, last] of durable) {
      const given = counterOf(this.#position, origin);
      if (given < last) streams.push(new OriginStream(this.#parts, origin, given + 1, last));
    }
    return streams;
  }
}

/** The updates of one origin, a batch at a time. */
class OriginStream {
  readonly #parts: FeedParts;
  readonly #origin: ReplicaId;
  readonly #last: number;
  #next: number;
  #batch: readonly Update[] = [];
  #taken = 0;

  constructor(parts: FeedParts, origin: ReplicaId, first: number, last: number) {
    this.#parts = parts;
    this.#origin = origin;
    this.#next = first;
    this.#last = last;
  }

  get isEmpty(): boolean {
    return this.#taken === this.#batch.length;
  }

  get isDone(): boolean {
    return this.isEmpty && this.#next > this.#last;
  }

  /** The next update; not to be asked for while it is empty. */
  get first(): Update {
    return this.#batch[this.#taken] as Update;
  }

  take(): Update {
    const { first } = this;
    this.#taken += 1;
    return first;
  }

  async load(): Promise<void> {
    // Recent updates come from memory without a pause: others are to have their turn between the batches of a long stretch.
    if (this.#batch.length > 0) await this.#parts.time.giveWay();
    this.#batch = await this.#parts.log.read(this.#origin, this.#next, this.#last, batchBytesMax);
    this.#next += this.#batch.length;
    this.#taken = 0;
  }
}

/** There are few origins: looking at each is cheaper than keeping them in order. */
function streamWithFirst(streams: readonly OriginStream[]): OriginStream {
  return streams.reduce((least, stream) => (isBefore(stream.first, least.first) ? stream : least));
}

function isBefore(left: Update, right: Update): boolean {
  if (left.timestamp !== right.timestamp) return left.timestamp < right.timestamp;
  return left.dot.replica < right.dot.replica;
}
