import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** A heap may always become so large, with what is not alive in it. */
const freeBytes = 128 * 1024 * 1024;
/** A larger one may become larger than what is alive in it by so much. */
const percentMin = 50;

const lookMs = 1000;

/** What is alive is known only while there is no garbage: it is the least seen lately, which is forgotten at this rate. */
const forgottenPerLook = 1.1;

/**
 * V8 lets garbage grow to several times what is alive before it collects: in a node that writes fast and has much, to hundreds of
 * MB. With this a heap stays below 128 MB, or one and a half times what is alive. That is not said as a fixed limit, which would
 * end a node that needs more, nor as a fixed rate: a node that has little and writes fast would have all of that looked at five
 * times a second, which took a fourth of its processor time.
 *
 * It is not said on the command line, because what node has of its own modules was compiled without, and would be compiled anew. Nor may it be
 * set when the code of this program is kept as the process ends (bin/loadProgram.cjs), for the next one begins without it.
 */
export function boundGarbage(): void {
  let aliveBytes = Infinity;
  const look = (): void => {
    aliveBytes = Math.min(getHeapStatistics().used_heap_size, aliveBytes * forgottenPerLook);
    setGrowth(Math.max(percentMin, Math.round((freeBytes / aliveBytes - 1) * 100)));
  };
  look();
  setInterval(look, lookMs).unref();
  process.prependOnceListener('exit', () => setGrowth(0));
}

function setGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
