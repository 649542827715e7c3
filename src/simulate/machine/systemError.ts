export type SystemCode =
  'ENOENT' | 'EEXIST' | 'ENOSPC' | 'EISDIR' | 'ENOTDIR' | 'ENOTEMPTY' | 'EXDEV' | 'EINVAL' | 'EBADF';

/** A failure of a file system call, as Node.js gives it. */
export function systemError(code: SystemCode, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}
