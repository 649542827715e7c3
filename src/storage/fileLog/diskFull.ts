import { KvcError, messageOf } from '../../errors.js';

/** What the system says when a disk, or a user's share of it, has no room. */
const codes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/** Passes on why `path` could not be changed: as KVC_E_DISK_FULL if for want of room, else as it is. */
export function rethrowFull(path: string): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof Error && 'code' in cause && codes.includes(cause.code))) throw cause;
    throw new KvcError(
      'KVC_E_DISK_FULL',
      `the disk has no room for the update log (${messageOf(cause)}). Nothing is lost: what is not written yet waits in ` +
        'memory, and is written once there is room. Free some',
      { file: path },
      { cause },
    );
  };
}
