import { describe, expect, it } from 'vitest';
import { Watch } from '../../src/demo/watch.js';

/** Resolves when the sights have been seen, one per look; the last one stays. */
function seen(sights: readonly string[]) {
  let index = 0;
  let allSeen = (): void => undefined;
  const done = new Promise<void>((resolve) => (allSeen = resolve));
  const look = (): Promise<string> => {
    const sight = sights[Math.min(index, sights.length - 1)] ?? '';
    index += 1;
    if (index === sights.length) allSeen();
    return Promise.resolve(sight);
  };
  return { look, done };
}

describe('Watch', () => {
  it('counts sights and keeps the order of their changes', async () => {
    const { look, done } = seen(['neither', 'neither', 'a', 'neither', 'both']);
    const watch = new Watch(look);
    await done;
    const { looks, changes } = await watch.stop();
    expect(changes).toEqual(['neither', 'a', 'neither', 'both']);
    expect(watch.count('neither')).toBe(3);
    expect(watch.count('never seen')).toBe(0);
    expect(looks).toBe(3 + 1 + watch.count('both'));
  });

  it('looks a last time after it is told to stop, and not again', async () => {
    let sight = 'before';
    let looks = 0;
    const watch = new Watch(() => {
      looks += 1;
      return Promise.resolve(sight);
    });
    sight = 'after';
    expect((await watch.stop()).changes.at(-1)).toBe('after');
    const looksAtStop = looks;
    await watch.stop();
    expect(looks).toBe(looksAtStop);
  });

  it('fails with what a look failed with, when it is stopped', async () => {
    const watch = new Watch(() => Promise.reject(new Error('node3 is gone')));
    await expect(watch.stop()).rejects.toThrow('node3 is gone');
  });
});
