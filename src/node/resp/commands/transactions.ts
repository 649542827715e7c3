import { RespError } from '../../../protocol/resp/respError.js';
import type { Command } from '../command.js';
import { executeTransaction } from '../execute.js';
import { ok } from '../replies.js';

export const transactionCommands: readonly Command[] = [
  {
    kind: 'connection',
    name: 'multi',
    arity: 1,
    inTransaction: 'immediate',
    summary: 'Begins a transaction: what follows is done by EXEC, as one update',
    run: (client) => {
      client.transaction = { queued: [], bytes: 0, isBroken: false };
      return ok;
    },
  },
  {
    kind: 'connection',
    name: 'exec',
    arity: 1,
    inTransaction: 'immediate',
    summary: 'Does what was queued since MULTI: one atomic update, and reads of one moment',
    run: (client) => {
      const { transaction } = client;
      if (transaction === undefined) throw new RespError('EXEC without MULTI');
      client.transaction = undefined;
      if (transaction.isBroken) {
        throw new RespError('Transaction discarded because of previous errors.', 'EXECABORT');
      }
      return executeTransaction(client, transaction.queued);
    },
  },
  {
    kind: 'connection',
    name: 'discard',
    arity: 1,
    inTransaction: 'immediate',
    summary: 'Forgets what was queued since MULTI',
    run: (client) => {
      if (client.transaction === undefined) throw new RespError('DISCARD without MULTI');
      client.transaction = undefined;
      return ok;
    },
  },
];
