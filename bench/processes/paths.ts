import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));

export const paths = {
  top,
  dist: `${top}dist/`,
  cli: `${top}bin/run.cjs`,
  nodeMain: `${top}dist/node/main.cjs`,
  bareServer: `${top}bench/processes/bareServer.js`,
  fastifyServer: `${top}bench/processes/fastifyServer.js`,
  bareResp: `${top}bench/processes/bareResp.js`,
  guard: `${top}bench/rivals/guard.js`,
  /** Ignored by git. On the checkout's disk on purpose: a temporary directory may be in memory, where flushing is free. */
  results: `${top}bench/results/`,
} as const;
