import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Up to here a heap may become three times what is alive in it before that is looked at; beyond, one and a half times. */
const largeBytes = 64 * 1024 * 1024;
const smallPercent = 200;
const largePercent = 50;

const lookMs = 1000;

/**
 * V8 lets garbage grow to several times what is alive before it collects: in a node that writes fast and has much, to hundreds of
 * MB. With this it stays below 128 MB, or a third of the heap. A node that has little, and writes fast, would look at the same objects five times
 * a second for it, which took a fourth of its processor time; and a fixed limit would end a node that needs more.
 *
 * It is not said on the command line, because what node has of its own modules was compiled without, and would be compiled anew. Nor may it be
 * set when the code of this program is kept as the process ends (bin/loadProgram.cjs), for the next one begins without it.
 */
export function boundGarbage(): void {
  let percent = 0;
  const look = (): void => {
    const wanted = getHeapStatistics().used_heap_size > largeBytes ? largePercent : smallPercent;
    if (wanted !== percent) setGrowth((percent = wanted));
  };
  look();
  setInterval(look, lookMs).unref();
  process.prependOnceListener('exit', () => setGrowth(0));
}

function setGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
