/** The seam to time: the machine's in a node, virtual in the simulator. */
export interface Time {
  /** ms since 1970, by a clock that never goes back. */
  now(): number;
  /** Calls once, not before so many ms have passed. */
  after(ms: number, run: () => void): Timer;
  /** Calls every so many ms until it is cancelled. It does not keep a process alive. */
  every(ms: number, run: () => void): Timer;
  pause(ms: number): Promise<void>;
  /** Lets other work have its turn. */
  giveWay(): Promise<void>;
  /** Calls once when all has had its turn that is due now, as requests on other connections. */
  soon(run: () => void): void;
}

export interface Timer {
  /** May be called again, and after it has rung. */
  cancel(): void;
}
