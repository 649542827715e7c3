/** What is done to a log file or directory of a node that is down. */
export type DiskDamage =
  /** Its directory is deleted. */
  | 'wipe'
  /** Bytes of chance stand behind the last record, as a torn write leaves them. */
  | 'torn'
  /** One byte of a record is another. */
  | 'flip';

/** What lossy links do, as the fault commands take it. */
export type PacketEffect =
  | { readonly kind: 'drop' | 'duplicate' | 'reorder'; readonly percent: number }
  | { readonly kind: 'delay'; readonly delay_ms: number; readonly jitter_ms: number }
  | { readonly kind: 'hold' };

/** One thing that the nemesis does. What lasts is ended by the nemesis after `forMs`, or by the next `heal`. */
export type Action =
  /** The link is slow, and a detour over the other nodes is fast: what depends can overtake what it depends on. */
  | { readonly kind: 'slow'; readonly source: string; readonly target: string; readonly delayMs: number }
  /** SIGKILL. null: the supervisor notices the crash and starts the node anew. */
  | { readonly kind: 'kill'; readonly node: string; readonly downMs: number | null }
  | { readonly kind: 'pause'; readonly node: string; readonly forMs: number }
  | { readonly kind: 'partition'; readonly groups: readonly (readonly string[])[]; readonly forMs: number }
  | { readonly kind: 'ring'; readonly forMs: number }
  /** One way only. */
  | { readonly kind: 'mute'; readonly source: string; readonly target: string; readonly forMs: number }
  | {
      readonly kind: 'packet';
      readonly target: string;
      readonly effect: PacketEffect;
      readonly forMs: number;
    }
  | { readonly kind: 'disk'; readonly node: string; readonly damage: DiskDamage }
  /** From now on the node's wall clock is wrong by so much. */
  | { readonly kind: 'clock'; readonly node: string; readonly skewMs: number }
  | { readonly kind: 'add'; readonly node: string }
  | { readonly kind: 'remove'; readonly node: string }
  /** All nodes run, no fault acts. */
  | { readonly kind: 'heal' };

/** `atMs` is from the start of the clients. Where the nemesis is late it does what is due, in this order. */
export type TimedAction = { readonly atMs: number } & Action;

/** The most by which a clock is wrong. */
export const skewMsMax = 3_600_000;
