/** Somebody who has something to send. */
export interface Sender {
  /** Called once for each time that it was added. */
  sendDue(): void;
}

/**
 * Those connections of a node that have answers to send when this turn of the event loop has read from all of them. What is sent
 * wakes its reader, which costs more than sending; sent one after the other, all but the first find their reader awake.
 */
export class OutputTurn {
  #senders: Sender[] = [];

  /** Not again before it is called. */
  add(sender: Sender): void {
    if (this.#senders.push(sender) > 1) return;
    setImmediate(() => {
      const senders = this.#senders;
      this.#senders = [];
      for (const each of senders) each.sendDue();
    });
  }
}
