// Preloaded into the processes of a cluster (NODE_OPTIONS=--import): gives each node a wall clock that is wrong by an
// amount of its own, drawn in turn from KVC_TEST_SKEWS_MS. Which turn it is, files in KVC_TEST_SKEW_DIR tell.
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';

const isNode = process.argv.includes('--instance') && /[/\\]node[/\\]main\.cjs$/.test(process.argv[1] ?? '');

if (isNode) {
  const skews = process.env.KVC_TEST_SKEWS_MS.split(',').map(Number);
  const skewMs = skews[takeTurn(process.env.KVC_TEST_SKEW_DIR) % skews.length];
  const RealDate = Date;
  const now = () => RealDate.now() + skewMs;
  globalThis.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now());
      else super(...args);
    }

    static now() {
      return now();
    }
  };
}

/** The first number of which nobody has made a file yet. */
function takeTurn(dir) {
  for (let turn = 0; ; turn += 1) {
    try {
      closeSync(openSync(join(dir, `turn${turn}`), 'wx'));
      return turn;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}
