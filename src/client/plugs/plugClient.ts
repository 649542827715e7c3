import { KvcError } from '../../errors.js';
import { bytesCodec } from '../library/codecs.js';
import { connect } from '../library/connect.js';
import type { KvcClient } from '../library/kvcClient.js';
import type { ConnectOptions } from '../library/options.js';

/**
 * The client behind an adapter for somebody else's interface: one that the application has, or one that is connected when it is
 * first used. Its values are bytes, exactly, whatever codec the application's client has.
 */
export class PlugClient {
  readonly #source: KvcClient | ConnectOptions;
  #opening: Promise<KvcClient> | undefined;
  #isClosed = false;

  constructor(source: KvcClient | ConnectOptions) {
    this.#source = source;
  }

  /**
   * Connects if need be. Where that fails, the next call tries it again.
   * @throws KvcError KVC_E_CLOSED, or what `connect` throws
   */
  open(): Promise<KvcClient> {
    if (this.#isClosed) return Promise.reject(new KvcError('KVC_E_CLOSED', 'the adapter is closed'));
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Ends what runs. The application's client stays open, one that was connected for the adapter does not. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const opening = this.#opening;
    this.#opening = undefined;
    // Whoever opened it has been told why it failed.
    const client = await opening?.catch(() => undefined);
    await client?.close();
  }

  async #open(): Promise<KvcClient> {
    try {
      if (isClient(this.#source)) return this.#source.withCodec(bytesCodec);
      return await connect({ ...this.#source, codec: bytesCodec });
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

function isClient(source: KvcClient | ConnectOptions): source is KvcClient {
  return 'withCodec' in source;
}
