import type { Report } from '../measure/report.js';
import { joinFindings, type SectionOptions } from './section.js';
import { measureShrinking } from './sizes/shrinking.js';
import { measureTraffic } from './sizes/traffic.js';

/** What an update costs on the wire and on the disk, and what is left when it is not needed any more. */
export async function benchSizes(options: SectionOptions): Promise<Report> {
  return {
    name: 'sizes',
    title: 'bytes on the wire and on the disk, values of 100 bytes',
    ...joinFindings([await measureTraffic(options), await measureShrinking(options)]),
  };
}
