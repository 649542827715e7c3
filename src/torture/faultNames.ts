import { KvcError } from '../errors.js';

/** What a nemesis may do to a cluster, in the order in which it is listed. */
export const faultNames = ['kill', 'pause', 'partition', 'packet', 'disk', 'clock', 'membership'] as const;

export type FaultName = (typeof faultNames)[number];

/** `kill,disk`, `all` or `none`. @throws KvcError KVC_E_USAGE */
export function parseFaultNames(text: string): readonly FaultName[] {
  if (text === 'none') return [];
  if (text === 'all') return faultNames;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !faultNames.some((known) => known === name));
  if (unknown === undefined) return faultNames.filter((name) => wanted.includes(name));
  throw new KvcError(
    'KVC_E_USAGE',
    `--faults takes names of ${faultNames.join(',')} with commas between them, or none; received ${JSON.stringify(unknown.slice(0, 60))}`,
  );
}
