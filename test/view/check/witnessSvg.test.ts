import { describe, expect, it } from 'vitest';
import type { Witness } from '../../../src/check/report.js';
import { violationsOf } from '../../../src/view/check/violations.js';
import { witnessSvg } from '../../../src/view/check/witnessSvg.js';
import { photo, reportOf, violated, witnessOf } from './witnesses.js';

function svgOf(witness: Witness, pattern?: string): string {
  const [violation] = violationsOf(
    reportOf('violation', violated('CC', witness, pattern), violated('CCv', witness, pattern)),
  );
  return violation === undefined ? '' : witnessSvg(violation);
}

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

/** Every tag that is opened is closed, in order, and nothing is left of markup once tags are gone. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, slash, name = '', isEmpty] of svg.matchAll(
    /<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g,
  )) {
    if (slash === '/') {
      if (open.pop() !== name) return false;
    } else if (isEmpty !== '/') open.push(name);
  }
  const rest = svg.replace(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '');
  return open.length === 0 && !rest.includes('<') && !/&(?!(?:amp|lt|gt);)/.test(rest);
}

describe('the picture of a witness', () => {
  it('shows the pattern, the sessions, every operation, and what the arrows mean', () => {
    const svg = svgOf(photo);
    expect(textsOf(svg)).toEqual([
      'WriteCORead (CC, CCv)',
      'WriteCORead explained',
      'alice',
      'bob',
      ...['1', 'photo = beach', '2', 'album = summer', '3', 'album → summer', '4', 'photo → (none)'],
      'returned what was written',
      'should have been returned, or something later',
    ]);
    expect(svg.match(/<path class="arrow reads" marker-end="url\(#reads\)" d="M\d/g)).toHaveLength(2);
    expect(svg.match(/<path class="arrow misses"/g)).toHaveLength(2);
    expect(isWellFormed(svg)).toBe(true);
  });

  it('needs nothing else and runs nothing', () => {
    const svg = svgOf(photo);
    expect(svg).not.toMatch(/<script|\son\w+=|href|@import|url\((?!#)/);
    expect(svg.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg']);
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('is well-formed whatever the history has in it', () => {
    const witness = witnessOf('</text><script>\u0000\ufffe w & "\'<b>\nb&c r & \ud800');
    const svg = svgOf(witness, '<&>');
    expect(isWellFormed(svg)).toBe(true);
    expect(svg).not.toContain('<script');
    // eslint-disable-next-line no-control-regex -- XML allows none of these
    expect(svg).not.toMatch(/[\u0000-\u0008\ufffe\uffff]|\p{Surrogate}/u);
  });

  it('is bounded, and says what it leaves out', () => {
    const many = Array.from({ length: 300 }, (_none, index) => `s${index % 40} w x ${index}`).join('\n');
    const svg = svgOf(witnessOf(many, '1 before 2', '1 before 300'));
    expect(svg.match(/<circle/g)).toHaveLength(60);
    expect(textsOf(svg).at(-1)).toBe('240 of 300 operations are not drawn; kvc check --json has them all');
    expect(svg.match(/<path class="arrow before"/g)).toHaveLength(2);
    expect(svg.length).toBeLessThan(50_000);
  });
});
