import { describe, expect, it } from 'vitest';
import { mergeVectors } from '../../../src/core/clock/versionVector.js';
import { openFileLog } from '../../../src/storage/fileLog/openFileLog.js';
import { decodeSegmentHeader, encodeSegmentHeader } from '../../../src/storage/fileLog/segmentHeader.js';
import { limits } from '../../../src/protocol/limits.js';
import { node1, put, temporaryDir, vector } from '../updates.js';

/** As many replicas as there may be, with ids as long as they may be. */
function everyReplica(counter: number) {
  const ids = Array.from({ length: limits.replicasEverMax }, (_, index) =>
    String(index).padStart(16, '0'),
  ).map((part) => `${'n'.repeat(limits.nodeNameCharactersMax)}.${part}`);
  return vector(Object.fromEntries(ids.map((id) => [id, counter])));
}

const largest = (() => {
  const before = everyReplica(Number.MAX_SAFE_INTEGER - 1);
  const start = mergeVectors(before, everyReplica(Number.MAX_SAFE_INTEGER));
  return { clusterId: 'c1', number: 1, salt: 7, before, start };
})();

describe('the header of a segment', () => {
  it('names as many replicas as ever were members', () => {
    const bytes = encodeSegmentHeader(largest);
    expect(decodeSegmentHeader(bytes, 'file')).toEqual({ header: largest, bytes: bytes.length });
  });

  it('that was never synced may read as zeros, however long it is', () => {
    const zeros = Buffer.alloc(encodeSegmentHeader(largest).length);
    expect(decodeSegmentHeader(zeros, 'file')).toBe('torn');
  });

  it('is read from a sealed segment too, however long it is', async () => {
    const dir = await temporaryDir();
    const options = { clusterId: 'c1', segmentBytesMax: 1 };
    const log = await openFileLog(dir, options);
    const all = everyReplica(7);
    const [origin = node1] = all.keys();
    await log.jump(all);
    const updates = [8, 9].map((counter) => put(origin, counter));
    for (const update of updates) {
      log.append(update);
      await log.flush();
    }
    await log.close();
    const again = await openFileLog(dir, options);
    expect(again.stats()).toMatchObject({ segments: 3 });
    expect(await again.read(origin, 8, 9, 1e6)).toEqual(updates);
    await again.close();
  });
});
