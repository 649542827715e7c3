import { describe, expect, it } from 'vitest';
import { patternsOf } from './verdicts.js';

/** The histories of figure 2 of Bouajjani et al., "On verifying causal consistency" (POPL 2017), with their verdicts. */
describe('the figures of the paper', () => {
  it('(a) is causal memory, but does not converge', () => {
    const { CC, CM, CCv } = patternsOf(`
      a w x 1
      a r x 2
      b w x 2
      b r x 1`);
    expect({ CC, CM, CCv }).toEqual({ CCv: 'CyclicCF' });
  });

  it('(b) converges, but is no causal memory', () => {
    const { CC, CM, CCv } = patternsOf(`
      a w z 1
      a w x 1
      a w y 1
      b w x 2
      b r z -
      b r y 1
      b r x 2`);
    expect({ CC, CM, CCv }).toEqual({ CM: 'WriteHBInitRead' });
  });

  it('(c) is causally consistent, and neither of the two', () => {
    const { CC, CM, CCv } = patternsOf(`
      a w x 1
      b w x 2
      b r x 1
      b r x 2`);
    expect({ CC, CM, CCv }).toEqual({ CM: 'CyclicHB', CCv: 'CyclicCF' });
  });

  it('(d) is all of them, though not sequentially consistent', () => {
    const patterns = patternsOf(`
      a w x 1
      a r y -
      a w y 1
      a r x 1
      b w x 2
      b r y -
      b w y 2
      b r x 2`);
    expect(patterns).toEqual({});
  });

  it('(e) is not causally consistent', () => {
    const { CC, CM, CCv } = patternsOf(`
      a w x 1
      a w y 1
      b r y 1
      b w x 2
      c r x 2
      c r x 1`);
    expect({ CC, CM, CCv }).toEqual({ CC: 'WriteCORead', CM: 'WriteCORead', CCv: 'WriteCORead' });
  });
});

describe('each bad pattern by itself', () => {
  it('CyclicCO: two sessions read what the other is about to write', () => {
    const patterns = patternsOf(`
      a r x 1
      a w y 1
      b r y 1
      b w x 1`);
    expect(patterns).toEqual({ CC: 'CyclicCO', CM: 'CyclicCO', CCv: 'CyclicCO', TCC: 'CyclicCO' });
  });

  it('WriteCOInitRead: a causally earlier write is not there', () => {
    const { CC } = patternsOf(`
      a w x 1
      a w y 1
      b r y 1
      b r x -`);
    expect(CC).toBe('WriteCOInitRead');
  });

  it('ThinAirRead: a value that nobody wrote', () => {
    const { CC, TCC } = patternsOf(`
      a w x 1
      b r x 2`);
    expect([CC, TCC]).toEqual(['ThinAirRead', 'ThinAirRead']);
  });

  it('WriteHBInitRead: what was read later puts a write before a read of nothing', () => {
    const { CC, CM, CCv } = patternsOf(`
      a w z 1
      a w x 1
      a w u 1
      b w x 2
      b w y 1
      c r y 1
      c r z -
      c r u 1
      c r x 2`);
    expect({ CC, CM, CCv }).toEqual({ CM: 'WriteHBInitRead' });
  });

  it('CyclicCF over three sessions that see three writes in a circle', () => {
    const { CC, CCv } = patternsOf(`
      a w x 1
      b w x 2
      c w x 3
      d r x 1
      d r x 2
      e r x 2
      e r x 3
      f r x 3
      f r x 1`);
    expect({ CC, CCv }).toEqual({ CC: undefined, CCv: 'CyclicCF' });
  });
});
