import { randomInt } from 'node:crypto';

/** Decides what a test leaves to chance: KVC_TEST_SEED, or drawn. It belongs in the title of the test. */
export const testSeed = Number(process.env['KVC_TEST_SEED'] ?? randomInt(2 ** 31));
