import { once } from 'node:events';
import type { WatchedEvent } from '../client/watchNode.js';
import { changeText, missedText, stateText } from '../view/watchText.js';
import { clusterFlag } from './clusterFlag.js';
import { ClusterWatch, type WatchQuery } from './followWatch.js';

/** What a watch prints: events on stdout, and what is to be known of them on stderr. */
interface WatchPrinter {
  text(event: WatchedEvent, node: string): string | undefined;
  /** A line for people. */
  note(text: string): void;
}

const interruptedExitCode = 130;

/** Prints what is written, until Ctrl-C. @throws KvcError what `ClusterWatch.follow` does */
export async function showWatch(query: WatchQuery, json: boolean): Promise<never> {
  const printer = json ? jsonPrinter : textPrinter(query.prefix);
  const watch = new ClusterWatch(query, {
    onEvent: async (event, node) => {
      const text = printer.text(event, node);
      // Whoever reads slowly holds up the node's sending, and nothing piles up here.
      if (text !== undefined && !process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
    },
    onMove: (reason, node) => printer.note(`${reason.message}; the watch goes on at ${node}`),
    onWait: (reason) => printer.note(`${reason.message}; no node runs, and the watch waits for one`),
  });
  process.once('SIGINT', () => {
    const prefix = query.prefix === '' ? '' : ` ${JSON.stringify(query.prefix)}`;
    const { cursor } = watch;
    if (cursor !== undefined) {
      printer.note(`To go on from here: kvc watch${prefix}${clusterFlag(query.cluster)} --from ${cursor}`);
    }
    process.exit(interruptedExitCode);
  });
  return watch.follow();
}

const jsonPrinter: WatchPrinter = {
  text: ({ kind, data }, node) => JSON.stringify({ event: kind, node, ...data }),
  note: () => undefined,
};

function textPrinter(prefix: string): WatchPrinter {
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  let state: 'new' | 'gap' | 'live' = 'new';
  const text = (event: WatchedEvent, node: string): string | undefined => {
    switch (event.kind) {
      case 'change':
        return changeText(event.data);
      case 'state':
        return stateText(event.data);
      case 'gap':
        note(`The log of ${node} no longer has ${missedText(event.data)}. What the keys hold now:`);
        state = 'gap';
        return undefined;
      case 'ready':
        if (state === 'new') note(`Watching ${keysText(prefix)} at ${node}; Ctrl-C ends it`);
        if (state === 'gap') note('That is all; what is written from here on follows');
        state = 'live';
        return undefined;
    }
  };
  return { text, note };
}

function keysText(prefix: string): string {
  return prefix === '' ? 'all keys' : `keys that begin with ${JSON.stringify(prefix)}`;
}
