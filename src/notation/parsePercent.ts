import { KvcError } from '../errors.js';

/**
 * A share of messages as people write it, with its sign: `20%`, `0.5%`.
 * @returns a number above 0 and at most 100
 * @throws KvcError KVC_E_USAGE
 */
export function parsePercent(text: string): number {
  const [, number] = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text) ?? [];
  if (number === undefined) {
    throw usage(
      `${JSON.stringify(text.slice(0, 60))} is no share; write it with its sign, as in 20% or 0.5%`,
    );
  }
  const percent = Number(number);
  if (percent > 0 && percent <= 100) return percent;
  throw usage(
    `${text} is no share of messages: it must be above 0% and at most 100%; to end the fault write off`,
  );
}

function usage(message: string): KvcError {
  return new KvcError('KVC_E_USAGE', message);
}
