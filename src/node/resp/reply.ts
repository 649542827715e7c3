import type { ReplyWriter } from '../../protocol/resp/replyWriter.js';

/** Writes the answer of one command, whole. */
export type Reply = (writer: ReplyWriter) => void;
