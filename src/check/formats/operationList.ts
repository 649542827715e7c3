import type { History, Operation } from '../history.js';
import { historyError } from './historyError.js';
import { historyLimits } from './historyLimits.js';

/** The operations of a history as they are read, up to the limit. */
export class OperationList {
  readonly #operations: Operation[] = [];

  get history(): History {
    return this.#operations;
  }

  add(operation: Operation): void {
    if (this.#operations.length >= historyLimits.operationsMax) {
      throw historyError(
        operation.line,
        `more than ${historyLimits.operationsMax} operations, which is the limit; check a shorter history`,
      );
    }
    this.#operations.push(operation);
  }
}
