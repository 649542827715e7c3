import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/view/wrap.js';

describe('wrap', () => {
  it('breaks at spaces, at most at the width', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('one two three', 6)).toEqual(['one', 'two', 'three']);
  });

  it('leaves a line that fits as it is, spaces included', () => {
    expect(wrap('a = 1   dot node1:1', 19)).toEqual(['a = 1   dot node1:1']);
  });

  it('gives a word that is too long a line of its own', () => {
    expect(wrap('a incomprehensible b', 5)).toEqual(['a', 'incomprehensible', 'b']);
  });

  it('keeps the indentation of a listing, and indents what is broken off further', () => {
    expect(wrap('  one two three', 9, 'listing')).toEqual(['  one two', '    three']);
  });
});
