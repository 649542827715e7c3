/** How values become the bytes that are stored, and back. */
export interface Codec {
  /** @returns the bytes, or text, which is stored as UTF-8 */
  encode(value: unknown): Uint8Array | string;
  /** Reads what `encode` gave. What it throws is reported as KVC_E_CODEC. */
  decode(bytes: Uint8Array): unknown;
}
