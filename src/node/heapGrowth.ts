import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A heap may always become so large, with what is not alive in it. */
const freeBytes = 128 * 1024 * 1024;
/** A larger one may become larger than what is alive in it by so much. */
const percentMin = 50;

const lookMs = 1000;

/** More garbage than that is cleared away when the node has little to do. V8 alone would keep it until there is yet more. */
const idleGarbageMax = 32 * 1024 * 1024;
/** A node whose heap changes by less from one look to the next, so many times in a row, has little to do. */
const calmBytesMax = 1024 * 1024;
const calmLooks = 2;
/** A larger heap is left alone: what of it is alive may be as much, and to look through that would hold up whoever comes just then. */
const idleUsedMax = 192 * 1024 * 1024;

/** What is alive is known only while there is no garbage: it is the least seen lately, which is forgotten at this rate. */
const forgottenPerLook = 1.1;

/**
 * V8 lets garbage grow to several times what is alive before it collects: in a node that writes fast and has much, to hundreds of
 * MB. With this a heap stays below 128 MB, or one and a half times what is alive. That is not said as a fixed limit, which would
 * end a node that needs more, nor as a fixed rate: a node that has little and writes fast would have all of that looked at five
 * times a second, which took a fourth of its processor time. What a burst of writes has left is cleared away when it is over.
 *
 * It is not said on the command line, because what node has of its own modules was compiled without, and would be compiled anew. Nor may it be
 * set when the code of this program is kept as the process ends (bin/loadProgram.cjs), for the next one begins without it.
 */
export function boundGarbage(): void {
  let aliveBytes = Infinity;
  let usedBytes = 0;
  let calm = 0;
  const look = (): void => {
    const usedBefore = usedBytes;
    usedBytes = getHeapStatistics().used_heap_size;
    aliveBytes = Math.min(usedBytes, aliveBytes * forgottenPerLook);
    calm = Math.abs(usedBytes - usedBefore) < calmBytesMax ? calm + 1 : 0;
    if (calm >= calmLooks && usedBytes < idleUsedMax && usedBytes - aliveBytes > idleGarbageMax) {
      collectGarbage();
      aliveBytes = usedBytes = getHeapStatistics().used_heap_size;
    }
    setGrowth(Math.max(percentMin, Math.round((freeBytes / aliveBytes - 1) * 100)));
  };
  look();
  setInterval(look, lookMs).unref();
  process.prependOnceListener('exit', () => setGrowth(0));
}

function setGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** V8 has no other way to be asked. The flag is needed only while the function is got: code that is kept says with which flags it was made. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  gc();
}
