/**
 * How values become the bytes that are stored, and back.
 *
 * @example
 * ```ts
 * import { connect, type Codec } from 'kvc';
 *
 * const dates: Codec = {
 *   encode: (value) => (value as Date).toISOString(),
 *   decode: (bytes) => new Date(new TextDecoder().decode(bytes)),
 * };
 * const client = await connect({ codec: dates });
 * ```
 */
export interface Codec {
  /**
   * What it throws is reported as KVC_E_CODEC.
   * @returns the bytes, or text, which is stored as UTF-8
   */
  encode(value: unknown): Uint8Array | string;
  /** Reads what `encode` gave. What it throws is reported as KVC_E_CODEC. */
  decode(bytes: Uint8Array): unknown;
}
