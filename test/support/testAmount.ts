/** With KVC_E2E_FULL=1 the end-to-end tests move the amounts that the promises name; without, what a quick run can bear. */
const isFullRun = process.env['KVC_E2E_FULL'] === '1';

export function testAmount(amounts: { readonly full: number; readonly quick: number }): number {
  return isFullRun ? amounts.full : amounts.quick;
}

/** How long faults that come again and again go on: KVC_E2E_SECONDS. */
export const faultSeconds = Number(process.env['KVC_E2E_SECONDS'] ?? 20);
