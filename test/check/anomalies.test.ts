import { describe, expect, it } from 'vitest';
import { patternsOf, verdictOn } from './verdicts.js';

describe('session guarantees, each broken by itself', () => {
  it('a session does not see its own write', () => {
    const patterns = patternsOf(`
      a w x 1
      a r x -`);
    expect(patterns['read-your-writes']).toBe('OwnWriteMissed');
    expect(Object.keys(patterns)).toEqual(['read-your-writes', 'CC', 'CM', 'CCv', 'TCC']);
  });

  it('a session sees its own write overwritten and then again not', () => {
    const patterns = patternsOf(`
      a w x 1
      b r x 1
      b w x 2
      c r x 2
      c r x 1`);
    expect(patterns['monotonic-reads']).toBe('NonMonotonicRead');
    expect(Object.keys(patterns)).toEqual(['monotonic-reads', 'CC', 'CM', 'CCv', 'TCC']);
  });

  it('the second write of a session is seen without the first', () => {
    const patterns = patternsOf(`
      a w x 1
      a w y 1
      b r y 1
      b r x -`);
    expect(patterns['monotonic-writes']).toBe('NonMonotonicWrites');
    expect(Object.keys(patterns)).toEqual(['monotonic-writes', 'CC', 'CM', 'CCv', 'TCC']);
  });

  it('an answer is seen without what it answers', () => {
    const patterns = patternsOf(`
      a w x 1
      b r x 1
      b w y 1
      c r y 1
      c r x -`);
    expect(patterns['writes-follow-reads']).toBe('WriteWithoutItsReads');
    expect(Object.keys(patterns)).toEqual(['writes-follow-reads', 'CC', 'CM', 'CCv', 'TCC']);
  });

  it('only what follows from several together is missed: causal order tells, no single guarantee does', () => {
    const patterns = patternsOf(`
      a w x 1
      a w y 1
      b r y 1
      b w z 1
      c r z 1
      c r x -`);
    expect(Object.keys(patterns)).toEqual(['CC', 'CM', 'CCv', 'TCC']);
  });
});

describe('what causal consistency allows', () => {
  it('a long fork: two sessions see two writes in different orders', () => {
    const patterns = patternsOf(`
      a w x 1
      b w y 1
      c r x 1
      c r y -
      d r y 1
      d r x -`);
    expect(patterns).toEqual({});
  });

  it('a lost update: two sessions write on the same base', () => {
    const patterns = patternsOf(`
      i w x 0
      a r x 0
      b r x 0
      a w x 1
      b w x 2
      a r x 2
      b r x 2`);
    expect(patterns).toEqual({});
  });
});

describe('transactions', () => {
  it('a fractured read shows one write of a transaction and not the other', () => {
    const patterns = patternsOf(`
      a w x 1, w y 1
      b r y -, r x 1`);
    expect(patterns).toEqual({ TCC: 'FracturedRead' });
  });

  it('a fractured read of something older, not nothing', () => {
    const { TCC } = patternsOf(`
      a w y 0
      a w x 1, w y 1
      b r y 0, r x 1`);
    expect(TCC).toBe('FracturedRead');
  });

  it('a snapshot that has a later write of a session, and not the earlier', () => {
    const patterns = patternsOf(`
      a w x 1
      a w y 1
      b r x -, r y 1`);
    expect(patterns).toEqual({ 'monotonic-writes': 'NonMonotonicWrites', TCC: 'WriteCOInitRead' });
  });

  it('an aborted read', () => {
    const { CC, TCC } = patternsOf(`
      a fail w x 1
      b r x 1`);
    expect({ CC, TCC }).toEqual({ CC: 'ThinAirRead', TCC: 'AbortedRead' });
    const { anomaly } = verdictOn('CC', 'a fail w x 1\nb r x 1');
    expect(anomaly?.explanation).toBe('session b read x=1, but the operation that was to write x=1 failed');
    expect(anomaly?.witness.edges).toEqual([{ from: 0, to: 1, kind: 'reads' }]);
  });

  it('an intermediate read', () => {
    const patterns = patternsOf(`
      a w x 1, w x 2
      b r x 1`);
    expect(patterns).toEqual({ TCC: 'IntermediateRead' });
  });

  it('a read that is not repeatable', () => {
    const patterns = patternsOf(`
      a w x 1
      b r x -, r x 1`);
    expect(patterns).toEqual({ TCC: 'NonRepeatableRead' });
  });

  it('a transaction that does not see its own write', () => {
    const { TCC } = patternsOf(`
      a w x 1
      b w x 2, r x 1`);
    expect(TCC).toBe('InternalRead');
  });

  it('a transaction that reads what it writes only later', () => {
    const { CC, TCC } = patternsOf('a r x 1, w x 1');
    expect({ CC, TCC }).toEqual({ CC: 'CyclicCO', TCC: 'InternalRead' });
  });

  it('a causality cycle of transactions that single operations do not have', () => {
    const patterns = patternsOf(`
      a w x 1, r y 1
      b w y 1, r x 1`);
    expect(patterns).toEqual({ TCC: 'CyclicCO' });
  });

  it('transactions that fit into no order, though each access does', () => {
    const patterns = patternsOf(`
      a w x 1, w y 1
      b w x 2, w y 2
      c r x 1
      c r x 2
      d r y 2
      d r y 1`);
    expect(patterns).toEqual({ TCC: 'CyclicTCC' });
  });
});

describe('what may or may not have happened', () => {
  it('is no violation, seen or not', () => {
    const patterns = patternsOf(`
      a info w x 1
      a info w y 1
      b r x -
      b r x 1
      c r y -`);
    expect(patterns).toEqual({});
  });

  it('comes after what its session had done', () => {
    const { CC } = patternsOf(`
      a w y 1
      a info w x 1
      b r x 1
      b r y -`);
    expect(CC).toBe('WriteCOInitRead');
  });

  it('comes before nothing that its session does later', () => {
    const patterns = patternsOf(`
      a info w x 1
      a w y 1
      b r y 1
      b r x -
      b r x 1`);
    expect(patterns).toEqual({});
  });

  it('is in causal order once it was read', () => {
    const { CC } = patternsOf(`
      a info w x 1
      b r x 1
      b w y 1
      c r y 1
      c r x -`);
    expect(CC).toBe('WriteCOInitRead');
  });

  it('is counted', () => {
    const patterns = patternsOf(`
      a info w x 1, w y 1
      b r x 1
      c r y 1, r x -`);
    expect(patterns.TCC).toBe('FracturedRead');
  });
});

describe('siblings', () => {
  it('may be left out, and may be all there', () => {
    const patterns = patternsOf(`
      a w x 1
      b w x 2
      c r x 2|1
      d r x 2`);
    expect(patterns).toEqual({});
  });

  it('must not contain what another one overwrote', () => {
    const { CC } = patternsOf(`
      a w x 1
      a w x 2
      b r x 2|1`);
    expect(CC).toBe('WriteCORead');
  });

  it('must not bring back what was overwritten', () => {
    const { CC } = patternsOf(`
      a w x 1
      b w x 2
      c r x 1|2
      c w x 3
      c r x 3|2`);
    expect(CC).toBe('WriteCORead');
  });

  it('have one winner everywhere', () => {
    const { CC, CCv } = patternsOf(`
      a w x 1
      b w x 2
      c r x 1|2
      d r x 2|1`);
    expect({ CC, CCv }).toEqual({ CC: undefined, CCv: 'CyclicCF' });
  });
});

describe('deletes and absent keys', () => {
  it('with names it is known which delete was seen', () => {
    const { CC } = patternsOf(`
      a d x@1
      a w x 1@2
      a w y 1@3
      b r y 1@3
      b r x -@1`);
    expect(CC).toBe('WriteCORead');
  });

  it('without, an absent key is judged only if nothing can explain it', () => {
    const text = `
      a w x 1
      a w y 1
      b r y 1
      b r x -`;
    expect(patternsOf(`${text}\n c d x`).CC).toBeUndefined();
    expect(patternsOf(`a d x\n ${text}`).CC).toBe('WriteCORead');
    expect(patternsOf(`${text}\n b d x`).CC).toBe('WriteCOInitRead');
  });

  it('an absent key that may be several is no doubt, but is counted', () => {
    expect(verdictOn('CC', 'a d x\nb r x -').verdict).toBe('consistent');
  });
});

describe('values that repeat', () => {
  it('prove nothing', () => {
    const { verdict, reason } = verdictOn('CC', 'a w x 1\nb w x 1\nc r x 1');
    expect(verdict).toBe('unknown');
    expect(reason).toContain('1 read returned a value that was written more than once');
  });

  it('do not hide what other reads prove', () => {
    expect(patternsOf('a w x 1\nb w x 1\nc r x 1\na w y 1\na r y -').CC).toBe('WriteCOInitRead');
  });

  it('are told apart by the names of their writes', () => {
    expect(patternsOf('a w x 1@1\na w x 1@2\nb r x 1@2\nb r x 1@1')['monotonic-reads']).toBe(
      'NonMonotonicRead',
    );
  });

  it('a name that was given to two different writes leaves all open that it was to tell', () => {
    const { verdict, reason } = verdictOn('CC', 'a w x 1@1\nb w x 2@1\nc r x 1@1');
    expect(verdict).toBe('unknown');
    expect(reason).toBe('lines 1 and 2 are different writes of one name: x=1 (1)');
    expect(verdictOn('CC', 'a w x 1@1\nb w y 1@1\nc w x 1@2, w x 2@2').verdict).toBe('consistent');
  });

  it('a name with another value than its write had comes from nowhere, and the proof has that write', () => {
    const text = 'a w x 1@1\nb w x 2@2\nc r x 2@1';
    for (const level of ['CC', 'TCC'] as const) {
      const { anomaly } = verdictOn(level, text);
      expect(anomaly?.pattern).toBe('ThinAirRead');
      expect(anomaly?.explanation).toBe('session c read x=2 (1), but the write of that name is x=1 (1)');
      expect(anomaly?.witness.operations.map(({ line }) => line)).toEqual([1, 3]);
    }
  });

  it('a name that no write bears is of a write that never learnt its own', () => {
    expect(patternsOf('a info w x 1\nb r x 1@7\nb w y 1@8\nc r y 1@8\nc r x -').CC).toBe('WriteCOInitRead');
    expect(patternsOf('a w x 1@1\nb r x 2@1').CC).toBe('ThinAirRead');
  });
});

describe('how replicas end', () => {
  it('without final reads it is not known, and decides nothing', () => {
    expect(verdictOn('convergence', 'a w x 1')).toMatchObject({ verdict: 'unknown', isClaimed: false });
  });

  it('all with the same', () => {
    const text = 'a w x 1\nb w x 2\nf final n1 r x 2|1\ng final n2 r x 2|1';
    expect(verdictOn('convergence', text)).toMatchObject({ verdict: 'consistent', isClaimed: true });
  });

  it('with different winners, or different siblings', () => {
    const text = 'a w x 1\nb w x 2\nf final n1 r x';
    expect(patternsOf(`${text} 2\ng final n2 r x 1`).convergence).toBe('DivergentFinalReads');
    expect(patternsOf(`${text} 2|1\ng final n2 r x 2`).convergence).toBe('DivergentFinalReads');
  });

  it('without an acknowledged write', () => {
    const { convergence, CC } = patternsOf('a w x 1\nf final n1 r x -\ng final n2 r x -');
    expect({ convergence, CC }).toEqual({ convergence: 'LostWrite', CC: undefined });
    expect(patternsOf('a w x 1\na w x 2\nf final n1 r x 1\ng final n2 r x 1').convergence).toBe('LostWrite');
  });

  it('without a write that was never acknowledged', () => {
    expect(patternsOf('a info w x 1\nf final n1 r x -\ng final n2 r x -').convergence).toBeUndefined();
  });

  it('is not known of a key that was written and nowhere read at the end', () => {
    const verdict = verdictOn('convergence', 'a w x 1\na w y 1\nb info w z 1\nf final n1 r x 1');
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'y was written, and has no final read' });
  });

  it('is not known of a key that was not read everywhere', () => {
    const verdict = verdictOn('convergence', 'a w x 1\nf final n1 r x 1\nf final n1 r y -\ng final n2 r x 1');
    expect(verdict).toMatchObject({
      verdict: 'unknown',
      reason: 'y has no final read at n2',
      isClaimed: true,
    });
  });
});
