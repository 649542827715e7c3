import { describe, expect, it } from 'vitest';
import { timestampMax } from '../../src/core/clock/hybridClock.js';
import { parseClock, parseDot } from '../../src/protocol/clockJson.js';
import { parseFaultFilter, parseFaultsRequest, parseStepRequest } from '../../src/protocol/faultJson.js';
import { parseJoinRequest } from '../../src/protocol/joinJson.js';
import { parseJson } from '../../src/protocol/json.js';
import { parseKey } from '../../src/protocol/keys.js';
import { limits } from '../../src/protocol/limits.js';
import { parseMemberChanges } from '../../src/protocol/memberJson.js';
import { parseNodeName, parseReplicaId } from '../../src/protocol/names.js';
import { parseKeysQuery, parseTimeoutMs, refuseUnknownParameters } from '../../src/protocol/queries.js';
import { parseReplicateAnswer, parseReplicateRequest } from '../../src/protocol/replicateJson.js';
import { parseBatchRequest, parseReadManyRequest, parseWriteRequest } from '../../src/protocol/requests.js';
import { parseSnapshotPartRequest } from '../../src/protocol/snapshotPartRequest.js';
import { parseUpdate } from '../../src/protocol/updateJson.js';

/** What is wrong, the input, the code, and what the message must name. */
type Case = readonly [what: string, input: unknown, code: string, says: RegExp];

function refuses(name: string, parse: (input: unknown) => unknown, cases: readonly Case[]): void {
  describe(`${name} refuses`, () => {
    it.each(cases)('%s', (_, input, code, says) => {
      expect(() => parse(input)).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(says) as string }),
      );
    });
  });
}

const bad = 'KVC_E_BAD_REQUEST';
const tooLarge = 'KVC_E_MESSAGE_TOO_LARGE';
const loneSurrogate = 'a\ud800';
const put = { key: 'a', value: '1' };
const bigKey = 'ä'.repeat(limits.keyBytesMax / 2);
const bigValue = 'x'.repeat(limits.valueBytesMax);
const update = { dot: { node: 'node1', counter: 1 }, dependencies: {}, timestamp: 5, operations: [put] };
const replicate = { from: 'node1', clock: {}, updates: [update] };
const delay = { target: 'node2', kind: 'delay', delay_ms: 100, jitter_ms: 10 };
const drop = { target: 'node2', kind: 'drop', percent: 20 };

function entries(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 1]));
}

refuses('a node name that', parseNodeName, [
  ['is no text', 5, bad, /node must be a name.*received 5/],
  ['is absent', undefined, bad, /received nothing/],
  ['is empty', '', bad, /received ""/],
  ['starts with a digit', '1node', bad, /"1node"/],
  ['has capitals', 'Node1', bad, /"Node1"/],
  ['has a line feed', 'node1\n', bad, /node/],
  ['is too long', 'n'.repeat(33), bad, /32/],
]);
refuses('a replica id that', parseReplicaId, [['is a prototype', '__proto__', bad, /__proto__/]]);

refuses('a key that', parseKey, [
  ['is empty', '', 'KVC_E_KEY_INVALID', /not empty/],
  ['is a number', 7, 'KVC_E_KEY_INVALID', /received 7/],
  ['is one byte too long', `${bigKey}x`, 'KVC_E_KEY_INVALID', /1025 bytes.*1024/],
  ['has half of a surrogate pair', loneSurrogate, 'KVC_E_KEY_INVALID', /surrogate/],
]);

refuses('a write that', parseWriteRequest, [
  ['is an array', [], bad, /body must be an object/],
  ['is null', null, bad, /received null/],
  ['has no key', { value: '1' }, 'KVC_E_KEY_INVALID', /key must be text.*nothing/],
  ['has no value', { key: 'a' }, bad, /value must be text, received nothing/],
  ['has a number as its value', { key: 'a', value: 1 }, bad, /value must be text, received 1/],
  ['has null as its value', { key: 'a', value: null }, bad, /received null/],
  ['misspells a field', { ...put, encodign: 'base64' }, bad, /unknown field "encodign"/],
  ['has another encoding', { ...put, encoding: 'hex' }, bad, /encoding of value must be "base64"/],
  ['has base64 without padding', { key: 'a', value: 'AA', encoding: 'base64' }, bad, /base64 with padding/],
  ['has base64 of the URL kind', { key: 'a', value: '_-8=', encoding: 'base64' }, bad, /base64/],
  ['has base64 with stray bits', { key: 'a', value: 'AB==', encoding: 'base64' }, bad, /base64/],
  ['has half of a surrogate pair', { key: 'a', value: loneSurrogate }, bad, /surrogate/],
  ['is too large', { key: 'a', value: `${bigValue}x` }, 'KVC_E_VALUE_TOO_LARGE', /1048577 bytes.*1048576/],
  [
    'is too large as base64',
    { key: 'a', value: Buffer.alloc(limits.valueBytesMax + 1).toString('base64'), encoding: 'base64' },
    'KVC_E_VALUE_TOO_LARGE',
    /1048577/,
  ],
]);

refuses('a batch that', parseBatchRequest, [
  ['has no writes', {}, bad, /writes must be an array, received nothing/],
  ['is empty', { writes: [] }, bad, /at least one write/],
  ['has a wrong write', { writes: [put, { key: '' }] }, 'KVC_E_KEY_INVALID', /writes\[1\]\.key/],
  ['deletes and writes at once', { writes: [{ ...put, delete: true }] }, bad, /writes\[0\] has both/],
  [
    'deletes by anything but true',
    { writes: [{ key: 'a', delete: 1 }] },
    bad,
    /writes\[0\]\.delete must be true/,
  ],
  ['has too many writes', { writes: Array(limits.batchOperationsMax + 1).fill(put) }, tooLarge, /1025.*1024/],
  ['has too many bytes', { writes: Array(5).fill({ key: 'a', value: bigValue }) }, tooLarge, /4194304/],
]);

refuses('a read of many keys that', parseReadManyRequest, [
  ['asks for nothing', { keys: [] }, bad, /at least one key/],
  ['has one key outside of a list', { keys: 'a' }, bad, /keys must be an array, received "a"/],
  ['has a wrong key', { keys: ['a', 5] }, 'KVC_E_KEY_INVALID', /keys\[1\]/],
  ['asks for too many keys', { keys: Array(limits.readKeysMax + 1).fill('a') }, tooLarge, /1025/],
]);

refuses('a clock that', (input) => parseClock(input, 'clock'), [
  ['is an array', [1], bad, /clock must be an object, received an array of 1/],
  ['has a zero', { node1: 0 }, bad, /clock\.node1 must be an integer from 1.*received 0/],
  ['has a negative counter', { node1: -1 }, bad, /received -1/],
  ['has a fraction', { node1: 1.5 }, bad, /received 1\.5/],
  ['has a counter beyond the safe integers', { node1: 2 ** 53 }, bad, /received 9007199254740992/],
  ['has an infinite counter', parseJson('{"node1":1e999}'), bad, /received Infinity/],
  ['has text', { node1: '1' }, bad, /received "1"/],
  ['has a wrong name', { Node1: 1 }, bad, /entry of clock.*"Node1"/],
  ['names a prototype', parseJson('{"__proto__":1}'), bad, /__proto__/],
  ['has too many entries', entries(limits.vectorEntriesMax + 1), tooLarge, /1025/],
]);

refuses('a dot that', (input) => parseDot(input, 'dot'), [
  ['is text', 'node1:1', bad, /dot must be an object, received "node1:1"/],
  ['has no counter', { node: 'node1' }, bad, /dot\.counter.*nothing/],
  ['has a zero', { node: 'node1', counter: 0 }, bad, /dot\.counter/],
  ['has a further field', { node: 'node1', counter: 1, n: 1 }, bad, /unknown field "n"/],
]);

refuses('an update that', (input) => parseUpdate(input, 'updates[3]'), [
  [
    'depends on its own node',
    { ...update, dependencies: { node1: 1 } },
    bad,
    /updates\[3\]\.dependencies names node1/,
  ],
  ['has no timestamp', { ...update, timestamp: undefined }, bad, /updates\[3\]\.timestamp.*nothing/],
  ['has a timestamp of 0', { ...update, timestamp: 0 }, bad, /timestamp/],
  ['is of the far future', { ...update, timestamp: timestampMax + 1 }, bad, /timestamp/],
  ['does nothing', { ...update, operations: [] }, bad, /updates\[3\]\.operations/],
  ['has a wrong operation', { ...update, operations: [{ key: 'a' }] }, bad, /operations\[0\]\.value/],
  ['has a further field', { ...update, extra: 1 }, bad, /updates\[3\] has an unknown field "extra"/],
]);

refuses('a replication message that', parseReplicateRequest, [
  ['has no sender', { ...replicate, from: undefined }, bad, /from must be a name/],
  ['has no clock', { ...replicate, clock: undefined }, bad, /clock must be an object/],
  ['has no updates', { ...replicate, updates: undefined }, bad, /updates must be an array/],
  [
    'has a wrong update',
    { ...replicate, updates: [update, { ...update, dot: 1 }] },
    bad,
    /updates\[1\]\.dot/,
  ],
  [
    'has too many updates',
    { ...replicate, updates: Array(limits.replicateUpdatesMax + 1).fill(update) },
    tooLarge,
    /1025/,
  ],
  [
    'gives one dot to two contents',
    { ...replicate, updates: [update, { ...update, timestamp: 6 }] },
    'KVC_E_DOT_REUSED',
    /dot node1:1/,
  ],
]);

const acknowledgement = { from: 'node2', clock: {}, received: {}, refused: 0, unreached: [] };

refuses('an acknowledgement that', parseReplicateAnswer, [
  ['does not say who answers', { ...acknowledgement, from: undefined }, bad, /from/],
  ['has no clock', { ...acknowledgement, clock: undefined }, bad, /clock/],
  ['has a negative count', { ...acknowledgement, refused: -1 }, bad, /refused/],
  ['names a node that cannot be', { ...acknowledgement, unreached: ['Node 1'] }, bad, /unreached\[0\]/],
]);

refuses('a request to be admitted that', parseJoinRequest, [
  ['names no replica', { address: '' }, bad, /replica/],
  ['has an address with a space', { replica: 'node4', address: 'a b' }, bad, /address/],
  ['has too long an address', { replica: 'node4', address: 'a'.repeat(129) }, bad, /address/],
  ['has more than that', { replica: 'node4', address: '', token: 'x' }, bad, /token/],
]);

refuses('a request for a snapshot that', parseSnapshotPartRequest, [
  ['does not say who asks', { snapshot: null, position: null }, bad, /from/],
  ['leaves out the snapshot', { from: 'node4', position: null }, bad, /snapshot/],
  ['has a snapshot that cannot be', { from: 'node4', snapshot: '../x', position: null }, bad, /snapshot/],
  ['has a position that cannot be', { from: 'node4', snapshot: null, position: 'x' }, bad, /position/],
]);

refuses('a change of members that', (input) => parseMemberChanges(input, 'members'), [
  ['is no list', {}, bad, /members/],
  ['has an unknown kind', [{ kind: 'leap', replica: 'node4' }], bad, /members\[0\]\.kind/],
  ['leaves with an address', [{ kind: 'leave', replica: 'node4', address: '' }], bad, /address/],
  ['settles less than nothing', [{ kind: 'close', replica: 'node4', counter: -1 }], bad, /counter/],
  ['is too long', Array(limits.memberChangesMax + 1).fill({ kind: 'leave', replica: 'a' }), tooLarge, /65/],
]);

refuses('a list of faults that', parseFaultsRequest, [
  ['is empty', { faults: [] }, bad, /at least one rule/],
  ['is too long', { faults: Array(limits.faultRulesMax + 1).fill(delay) }, tooLarge, /257/],
  [
    'has an unknown kind',
    { faults: [{ target: 'node2', kind: 'explode' }] },
    bad,
    /faults\[0\]\.kind.*"explode"/,
  ],
  ['has no target', { faults: [{ kind: 'hold' }] }, bad, /faults\[0\]\.target/],
  ['has a delay without its time', { faults: [{ ...delay, delay_ms: undefined }] }, bad, /delay_ms.*nothing/],
  ['has too long a delay', { faults: [{ ...delay, delay_ms: limits.delayMsMax + 1 }] }, bad, /delay_ms/],
  ['has a negative delay', { faults: [{ ...delay, delay_ms: -1 }] }, bad, /delay_ms/],
  ['has more jitter than delay', { faults: [{ ...delay, jitter_ms: 101 }] }, bad, /jitter_ms.*0 to 100.*101/],
  ['has a delay on a hold', { faults: [{ ...delay, kind: 'hold' }] }, bad, /unknown field "delay_ms"/],
  ['drops no share', { faults: [{ ...drop, percent: undefined }] }, bad, /faults\[0\]\.percent.*nothing/],
  [
    'drops nothing',
    { faults: [{ ...drop, percent: 0 }] },
    bad,
    /percent.*above 0 and at most 100.*received 0/,
  ],
  ['drops more than all', { faults: [{ ...drop, percent: 100.1 }] }, bad, /percent.*100\.1/],
  ['drops a share that is no number', { faults: [{ ...drop, percent: '20%' }] }, bad, /percent.*"20%"/],
  ['drops a share that is not finite', { faults: [{ ...drop, percent: NaN }] }, bad, /percent/],
  [
    'duplicates nothing',
    { faults: [{ ...drop, kind: 'duplicate', percent: -1 }] },
    bad,
    /faults\[0\]\.percent.*-1/,
  ],
  ['reorders nothing', { faults: [{ ...drop, kind: 'reorder', percent: null }] }, bad, /percent.*null/],
  [
    'has a share on a partition',
    { faults: [{ ...drop, kind: 'partition' }] },
    bad,
    /unknown field "percent"/,
  ],
  ['has groups', { faults: [{ target: 'node2', kind: 'partition', groups: [] }] }, bad, /field "groups"/],
  ['has a negative seed', { faults: [{ ...drop, seed: -1 }] }, bad, /faults\[0\]\.seed.*0 to 4294967295.*-1/],
  ['has too large a seed', { faults: [{ ...drop, seed: 2 ** 32 }] }, bad, /seed.*4294967296/],
  ['has a fraction for a seed', { faults: [{ ...delay, seed: 1.5 }] }, bad, /seed/],
  ['ends at no time', { faults: [{ ...delay, expires_at_ms: 0 }] }, bad, /expires_at_ms/],
  ['has a wrong id', { faults: [{ ...delay, id: 'F 1' }] }, bad, /faults\[0\]\.id/],
]);

refuses('a step that', parseStepRequest, [
  ['has no target', {}, bad, /target/],
  ['steps by nothing', { target: 'node2', count: 0 }, bad, /count/],
  ['steps by a fraction', { target: 'node2', count: 1.5 }, bad, /count/],
]);

refuses('JSON that', (input) => parseJson(input as string), [
  ['is cut off', '{"key":', bad, /the body is not JSON/],
  ['is empty', '', bad, /the body is not JSON/],
  ['is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), bad, /not UTF-8/],
]);

const query = (text: unknown) => new URLSearchParams(text as string);

refuses('a listing that', (text) => parseKeysQuery(query(text)), [
  ['has a limit of 0', 'limit=0', bad, /limit must be an integer from 1 to 1000, received "0"/],
  ['has too high a limit', 'limit=1001', bad, /limit/],
  ['has an empty limit', 'limit=', bad, /limit/],
  ['has a limit in another notation', 'limit=1e2', bad, /limit/],
  ['has an empty cursor', 'cursor=', 'KVC_E_KEY_INVALID', /cursor/],
  ['has a made-up cursor', 'cursor=%21%21', bad, /cursor of an earlier answer/],
  ['has a cursor of bytes that are no text', 'cursor=_w', bad, /cursor/],
  ['has too long a prefix', `prefix=${'x'.repeat(1025)}`, 'KVC_E_KEY_INVALID', /prefix/],
]);

refuses('a timeout that', (text) => parseTimeoutMs(text as string), [
  ['is no number', 'soon', bad, /timeout_ms.*"soon"/],
  ['is empty', '', bad, /timeout_ms/],
  ['is negative', '-1', bad, /timeout_ms/],
  ['is too long', String(limits.timeoutMsMax + 1), bad, /600000/],
]);

refuses('a query that', (text) => refuseUnknownParameters(query(text), ['key', 'timeout_ms']), [
  ['has an unknown parameter', 'key=a&tiemout_ms=5', bad, /"tiemout_ms"; it takes key, timeout_ms/],
  ['repeats a parameter', 'key=a&key=b', bad, /key is given more than once/],
]);

refuses('a filter of faults that', (text) => parseFaultFilter(query(text)), [
  ['has an unknown kind', 'kind=explode', bad, /kind/],
  ['has a wrong target', 'target=Node', bad, /target/],
  ['has an empty id', 'id=', bad, /id/],
]);

describe('the greatest that is allowed passes', () => {
  it.each([
    ['key', () => parseKey(bigKey)],
    ['value', () => parseWriteRequest({ key: 'a', value: bigValue })],
    ['batch', () => parseBatchRequest({ writes: Array(limits.batchOperationsMax).fill(put) })],
    ['read of many keys', () => parseReadManyRequest({ keys: Array(limits.readKeysMax).fill('a') })],
    ['clock', () => parseClock(entries(limits.vectorEntriesMax), 'clock')],
    ['counter', () => parseClock({ node1: Number.MAX_SAFE_INTEGER }, 'clock')],
    ['timestamp', () => parseUpdate({ ...update, timestamp: timestampMax }, 'update')],
    [
      'message',
      () => parseReplicateRequest({ ...replicate, updates: Array(limits.replicateUpdatesMax).fill(update) }),
    ],
    ['delay', () => parseFaultsRequest({ faults: [{ ...delay, delay_ms: limits.delayMsMax }] })],
    ['share', () => parseFaultsRequest({ faults: [{ ...drop, percent: 100 }] })],
    ['seed', () => parseFaultsRequest({ faults: [{ ...drop, seed: limits.faultSeedMax }] })],
  ])('%s', (_, parse) => {
    expect(parse()).toBeDefined();
  });
});
