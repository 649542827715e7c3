import type { Time, Timer } from '../../driver/time.js';
import type { Gate } from './gate.js';

/** A time whose timers ring while the gate is open only: those that are due earlier ring when it opens. Its clock goes on. */
export function gatedTime(inner: Time, gate: Gate): Time {
  return {
    now: () => inner.now(),
    after: (ms, run) => afterGate(inner, gate, ms, run),
    every: (ms, run) =>
      inner.every(ms, () => {
        if (gate.isOpen) run();
      }),
    pause: async (ms) => {
      await inner.pause(ms);
      await gate.passed();
    },
    giveWay: async () => {
      await inner.giveWay();
      await gate.passed();
    },
    soon: (run) => inner.soon(() => gate.pass(run)),
  };
}

function afterGate(inner: Time, gate: Gate, ms: number, run: () => void): Timer {
  let isCancelled = false;
  const timer = inner.after(ms, () =>
    gate.pass(() => {
      if (!isCancelled) run();
    }),
  );
  return {
    cancel: () => {
      isCancelled = true;
      timer.cancel();
    },
  };
}
