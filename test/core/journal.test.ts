import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/core/journal.js';
import { id, leave, update, vector } from '../support/builders.js';
import { TestHistory } from '../support/memoryState.js';

function setUp(): Journal {
  return new Journal(id('a'), new TestHistory(), vector());
}

describe('what is durable', () => {
  it('is what the disk has of received updates', () => {
    const journal = setUp();
    journal.appendReceived([update('b:1'), update('b:2')]);
    expect(journal.durable).toEqual(vector());
    journal.onPersisted(1);
    expect(journal.durable).toEqual(vector({ b: 1 }));
  });

  it('is an own update when it is delivered, which is when the disk has it', () => {
    const journal = setUp();
    const own = update('a:1');
    journal.appendOwn(own);
    journal.onPersisted(1);
    expect(journal.durable).toEqual(vector());
    journal.ownDelivered(own);
    expect(journal.durable).toEqual(vector({ a: 1 }));
  });

  it('has with an own change of the members all that was delivered before it, which may be behind it in the log', () => {
    const journal = setUp();
    const own = update('a:1', { changes: [leave('b')] });
    journal.appendOwn(own);
    // While the disk is busy with it, b is still a member and is listened to.
    journal.appendReceived([update('b:1')]);
    journal.onPersisted(1);
    journal.ownDelivered(own);
    expect(journal.durable).toEqual(vector());
    journal.onPersisted(2);
    expect(journal.durable).toEqual(vector({ a: 1, b: 1 }));
  });

  it('has no own update before such a change that comes earlier', () => {
    const journal = setUp();
    const [change, next] = [update('a:1', { changes: [leave('b')] }), update('a:2')];
    journal.appendOwn(change);
    journal.appendOwn(next);
    journal.appendReceived([update('b:1')]);
    journal.onPersisted(2);
    journal.ownDelivered(change);
    journal.ownDelivered(next);
    expect(journal.durable).toEqual(vector());
    journal.onPersisted(3);
    expect(journal.durable).toEqual(vector({ a: 2, b: 1 }));
  });
});

it('asks the disk for each update once, and says how many of them are own ones', () => {
  const journal = setUp();
  expect(journal.persistEffect()).toBeUndefined();
  journal.appendReceived([update('b:1'), update('b:2')]);
  expect(journal.persistEffect()).toEqual({ kind: 'persist', sequence: 2, own: 0 });
  expect(journal.persistEffect()).toBeUndefined();
  journal.appendOwn(update('a:1'));
  journal.appendReceived([update('b:3')]);
  expect(journal.persistEffect()).toEqual({ kind: 'persist', sequence: 4, own: 1 });
  journal.appendReceived([update('b:4')]);
  expect(journal.persistEffect()).toEqual({ kind: 'persist', sequence: 5, own: 0 });
});
