import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KnownNode } from '../../../src/client/library/knownNode.js';
import { Route } from '../../../src/client/library/route.js';

let nodes: [KnownNode, KnownNode, KnownNode];

beforeEach(() => {
  nodes = [new KnownNode('http://a'), new KnownNode('http://b'), new KnownNode('http://c')];
});
afterEach(() => Promise.all(nodes.map(({ sender }) => sender.close())));

/** The turns of a call in which every attempt fails and takes all the time that it has. */
function turns(route: Route, totalMs: number): [string, number][] {
  const made: [string, number][] = [];
  let leftMs = totalMs;
  for (let turn = route.next(leftMs); turn !== undefined; turn = route.next(leftMs)) {
    made.push([turn.node.url, Math.round(turn.shareMs)]);
    leftMs -= turn.pauseMs + turn.shareMs;
  }
  return made;
}

describe('the way of a call', () => {
  it('gives each node at most a second while there are others, and the last one the rest', () => {
    expect(turns(new Route(() => nodes, 5000), 5000)).toEqual([
      ['http://a', 1000],
      ['http://b', 1000],
      ['http://c', 3000],
    ]);
  });

  it('gives each a third of what is left where there is little', () => {
    expect(turns(new Route(() => nodes, 900), 900)).toEqual([
      ['http://a', 300],
      ['http://b', 200],
      ['http://c', 400],
    ]);
  });

  it('ends rather than to give what little is left to one that is avoided', () => {
    nodes[0].avoid();
    const order = () => [nodes[1], nodes[2], nodes[0]];
    const route = new Route(order, 3000);
    expect(route.next(3000)?.node.url).toBe('http://b');
    expect(route.next(2000)?.node.url).toBe('http://c');
    expect(route.next(250)).toBeUndefined();
  });

  it('gives all of it to the only one', () => {
    expect(turns(new Route(() => nodes.slice(0, 1), 5000), 5000)).toEqual([['http://a', 5000]]);
  });

  it('gives the rest to the last one that is not avoided, before those that are', () => {
    nodes[0].avoid();
    const order = () => [nodes[1], nodes[2], nodes[0]];
    expect(turns(new Route(order, 3000), 3000)).toEqual([
      ['http://b', 1000],
      ['http://c', 2000],
    ]);
  });

  it('begins again, after longer and longer pauses, where attempts fail at once', () => {
    const route = new Route(() => nodes.slice(0, 1), 5000);
    const pauses = Array.from({ length: 6 }, () => route.next(4000)?.pauseMs);
    expect(pauses).toEqual([0, 50, 100, 200, 400, 500]);
  });

  it('ends when what is left is worth nothing', () => {
    const route = new Route(() => nodes, 1000);
    expect(route.next(10)).toBeUndefined();
    for (const url of ['http://a', 'http://b', 'http://c']) expect(route.next(500)?.node.url).toBe(url);
    expect(route.next(120), 'another round in the last tenth').toBeUndefined();
  });

  it('stays where it is told to, with all the time', () => {
    const route = new Route(() => nodes, 5000);
    route.next(5000);
    route.stayAt(nodes[0]);
    expect(route.next(4000)).toEqual({ node: nodes[0], shareMs: 3950, pauseMs: 50 });
    expect(route.next(150)?.node).toBe(nodes[0]);
  });

  it('asks a node once more before the others when told to', () => {
    const route = new Route(() => nodes, 5000);
    route.next(5000);
    route.repeat(nodes[0]);
    expect(route.next(5000)?.node).toBe(nodes[0]);
    expect(route.next(5000)?.node).toBe(nodes[1]);
  });
});
