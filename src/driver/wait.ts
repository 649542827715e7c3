/** How long a request may wait, and how it learns that its client has gone. */
export interface Wait {
  readonly timeoutMs: number;
  /** Calls back at most once, if the client goes away before it is answered. */
  onGone(listener: () => void): void;
}
