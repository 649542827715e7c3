import { describe, expect, it } from 'vitest';
import type { Witness } from '../../../src/check/report.js';
import { orderWitness } from '../../../src/view/check/orderWitness.js';
import { witnessDiagram } from '../../../src/view/check/witnessDiagram.js';
import { plainPaint } from '../../../src/view/style.js';
import { photo, witnessOf } from './witnesses.js';

function draw(witness: Witness): string[] {
  return witnessDiagram(witness, plainPaint);
}

describe('the diagram of a witness', () => {
  it('has a line per session, operations from top to bottom, and an arrow for what was read and what was missed', () => {
    expect(draw(photo)).toEqual([
      '    alice                    bob',
      ' 1  ● photo = beach          │',
      '    ├┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮    │',
      ' 2  ● album = summer    ┊    │',
      '    ├───────────────────┼─╮  │',
      ' 3  │                   ┊ ╰─▶○ album → summer',
      ' 4  │                   ╰┄┄┄▶○ photo → (none)',
      '    │                        │',
      '    ──▶ returned what was written',
      '    ┄┄▶ should have been returned, or something later',
    ]);
  });

  it('draws an arrow within a session beside its line, and one to the left from the right', () => {
    expect(draw(witnessOf('a w x one\na r x one\nb w x two\na r x two', '1 reads 2', '3 reads 4'))).toEqual([
      '       a            b',
      ' 1     ● x = one    │',
      '    ╭──┤            │',
      ' 2  ╰─▶○ x → one    │',
      ' 3     │            ● x = two',
      '    ╭──┼────────────┤',
      ' 4  ╰─▶○ x → two    │',
      '       │            │',
      '    ──▶ returned what was written',
    ]);
  });

  it('draws an arrow that goes back up, where there is a cycle', () => {
    expect(draw(witnessOf('a w x one\nb w x two', '1 before 2', '2 before 1'))).toEqual([
      '       a               b',
      ' 1  ╭╌▶● x = one       │',
      '    ╎  ├╌╌╌╌╌╌╌╌╌╌╌╌╮  │',
      ' 2  ╎  │            ╰╌▶● x = two',
      '    ╰╌╌┼╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤',
      '    ╌╌▶ must come before, because of what was read',
    ]);
  });

  it('shows a line that arrows share as what was read', () => {
    const lines = draw(witnessOf('a w x one\nb r x one\nb r x -', '1 reads 2', '1 misses 3'));
    expect(lines.slice(2, 5)).toEqual([
      '    ├────────────┬─╮  │',
      ' 2  │            ┊ ╰─▶○ x → one',
      ' 3  │            ╰┄┄┄▶○ x → (none)',
    ]);
  });

  it('gives arrows that are side by side lanes of their own', () => {
    const lines = draw(
      witnessOf('a w x 1\na w y 1\na w z 1\nb r x 1, r y 1, r z 1', '1 reads 4', '2 reads 4', '3 reads 4'),
    );
    expect(lines.filter((line) => line.includes('╮'))).toEqual([
      '    ├────────────────╮  │',
      '    ├──────────────╮ │  │',
      '    ├────────────╮ │ │  │',
    ]);
    expect(lines).toContain(' 4  │            ╰─┴─┴─▶○ {x → "1"; y → "1"; z → "1"}');
  });

  it('is a note where it would help nobody', () => {
    const many = Array.from({ length: 50 }, (_none, index) => `s w x ${index}`).join('\n');
    expect(draw(witnessOf(many))).toEqual(['(50 operations are too many to draw as text; --svg draws them)']);
    const wide = Array.from({ length: 30 }, (_none, index) => `session${index} w x ${index}`).join('\n');
    expect(draw(witnessOf(wide))).toEqual(['(too wide to draw as text; --svg draws it)']);
  });
});

describe('the order in which a witness is shown', () => {
  it('has a write before the reads that returned it, and each session in its own order', () => {
    const shown = orderWitness(
      witnessOf('b r x 1\nb r y 1\na w x 1\na w y 1', '3 reads 1', '4 reads 2', '1 session 2', '4 misses 1'),
    );
    expect(shown.operations.map(({ line }) => line)).toEqual([3, 1, 4, 2]);
    expect(shown.edges).toEqual([
      { from: 0, to: 1, kind: 'reads' },
      { from: 2, to: 3, kind: 'reads' },
      { from: 1, to: 3, kind: 'session' },
      { from: 2, to: 1, kind: 'misses' },
    ]);
  });

  it('keeps every operation where a cycle leaves no such order', () => {
    const shown = orderWitness(witnessOf('a r x 1\na w y 1\nb r y 1\nb w x 1', '4 reads 1', '2 reads 3'));
    expect(shown.operations.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
  });
});
