/** What became of one request of a load. */
export interface Outcome {
  /** 200 if it was answered as it should; 0 if the connection was lost; any other: it was refused. */
  readonly status: number;
  /** What came, where the channel keeps it. */
  readonly bytes?: Buffer;
}

/** A connection that a load is sent over, in whatever protocol: one request at a time. */
export interface Channel {
  /** @param onAnswer - called once; it may send the next request at once */
  send(request: Buffer, onAnswer: (outcome: Outcome) => void): void;
  close(): void;
}
