import { describe, expect, it } from 'vitest';
import { findPort, retryingPorts } from '../../src/cluster/ports.js';
import { KvcError } from '../../src/errors.js';

const portTaken = () => new KvcError('KVC_E_PORT_TAKEN', 'taken');

describe('findPort', () => {
  it('goes on below when there is none above', async () => {
    const port = await findPort(65_536, []);
    expect(port).toBeGreaterThanOrEqual(7101);
    expect(port).toBeLessThanOrEqual(65_535);
  });

  it('passes over ports that are spoken for', async () => {
    const port = await findPort(7101, []);
    expect(await findPort(port, [port])).not.toBe(port);
  });
});

describe('retryingPorts', () => {
  it('tries again when a port was taken', async () => {
    const attempts = [portTaken(), portTaken()];
    const start = () => (attempts.length > 0 ? Promise.reject(attempts.pop()!) : Promise.resolve('started'));
    expect(await retryingPorts(start)).toBe('started');
  });

  it('gives up after five attempts, and at once for another reason', async () => {
    let attempts = 0;
    const failing = (error: KvcError) => () => {
      attempts += 1;
      return Promise.reject(error);
    };
    await expect(retryingPorts(failing(portTaken()))).rejects.toThrow('taken');
    expect(attempts).toBe(5);
    await expect(retryingPorts(failing(new KvcError('KVC_E_START_FAILED', 'other')))).rejects.toThrow(
      'other',
    );
    expect(attempts).toBe(6);
  });
});
