import { KvcError } from '../errors.js';

/** `3,7,12`: whole numbers from 0 to below `end`; `none`: no number. @throws KvcError KVC_E_USAGE */
export function parsePositions(text: string, end: number): number[] {
  if (text === 'none') return [];
  const positions = text.split(',').map((part) => (/^[0-9]{1,9}$/.test(part) ? Number(part) : Infinity));
  if (positions.every((position) => position < end)) return positions;
  throw new KvcError(
    'KVC_E_USAGE',
    `--only takes positions of steps from 0 to ${end - 1}, such as 3,7,12, received ${JSON.stringify(text.slice(0, 60))}`,
  );
}
