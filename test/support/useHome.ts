import { afterEach, beforeEach } from 'vitest';
import { KvcHome } from './kvcHome.js';

/**
 * A home that is new for each test of the file; what a test leaves running in it is ended.
 * @param environment - of its commands, asked before each test
 */
export function useHome(environment: () => Readonly<Record<string, string>> = () => ({})): KvcHome {
  const home = new KvcHome();
  beforeEach(() => home.open(environment()));
  afterEach(({ task }) => home.remove(task));
  return home;
}
