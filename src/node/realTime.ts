import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Time } from '../driver/time.js';
import { SteadyClock } from './steadyClock.js';

/** The machine's time. */
export function realTime(): Time {
  return {
    now: new SteadyClock().now,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return { cancel: () => clearTimeout(timer) };
    },
    every: (ms, run) => {
      const timer = setInterval(run, ms).unref();
      return { cancel: () => clearInterval(timer) };
    },
    pause: async (ms) => {
      await pause(ms);
    },
    giveWay: async () => {
      await turn();
    },
    soon: (run) => {
      setImmediate(run);
    },
  };
}
