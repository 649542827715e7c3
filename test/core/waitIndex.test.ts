import { describe, expect, it } from 'vitest';
import { WaitIndex } from '../../src/core/waitIndex.js';
import { dot } from '../support/builders.js';

describe('wait index', () => {
  it('gives out exactly what waited for a dot, in the order in which it began to wait, and once', () => {
    const index = new WaitIndex<string>();
    index.add(dot('a:1'), 'first');
    index.add(dot('a:2'), 'other counter');
    index.add(dot('b:1'), 'other replica');
    index.add(dot('a:1'), 'second');
    expect([...index.take(dot('a:1'))]).toEqual(['first', 'second']);
    expect([...index.take(dot('a:1'))]).toEqual([]);
    expect([...index.take(dot('a:2'))]).toEqual(['other counter']);
    expect([...index.take(dot('b:1'))]).toEqual(['other replica']);
  });

  it('forgets what is removed, and nothing else', () => {
    const index = new WaitIndex<string>();
    index.add(dot('a:1'), 'stays');
    index.add(dot('a:1'), 'goes');
    index.remove(dot('a:1'), 'goes');
    index.remove(dot('a:1'), 'was never there');
    index.remove(dot('z:9'), 'was never there');
    expect([...index.take(dot('a:1'))]).toEqual(['stays']);
  });

  it('lets an item wait again while those taken are gone through', () => {
    const index = new WaitIndex<string>();
    index.add(dot('a:1'), 'item');
    for (const item of index.take(dot('a:1'))) index.add(dot('a:2'), item);
    expect([...index.take(dot('a:2'))]).toEqual(['item']);
  });
});
