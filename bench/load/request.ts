import { requestBytes } from '../../src/load/requestBytes.js';

export const keyCount = 10_000;

export function keyNumber(index: number): string {
  return `key${String(index % keyCount).padStart(5, '0')}`;
}

/** 100 bytes that begin with `tag`. */
export function valueOf100Bytes(tag: number | string): string {
  return String(tag).padEnd(100, '.');
}

/** A write of every key. */
export function writeRequests(port: number): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    requestBytes('POST', port, '/write', { body: { key: keyNumber(index), value: valueOf100Bytes(index) } }),
  );
}

export function readRequests(port: number): Buffer[] {
  return Array.from({ length: keyCount }, (_, index) =>
    requestBytes('GET', port, `/read?key=${keyNumber(index)}`),
  );
}
