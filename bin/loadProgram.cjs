const { readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

/**
 * Loads a bundle in one file, with the code that V8 compiled of it in an earlier run: compiling takes longer than running. That
 * code is kept beside the bundle, so nobody can give a user code to run who could not change the bundle, too. V8 takes it
 * if it is of the same version and settings, but believes the rest; so it is only used if it has the checksum that
 * it was written with, and of this very bundle. In any other case, and where nothing can be written, the bundle is compiled.
 * @param path - of a CommonJS module, ASCII only, that imports nothing at run time, and whose first line is not the same in two bundles
 * @returns what it exports
 */
exports.loadProgram = (path) => {
  const source = readFileSync(path, 'latin1');
  const stamp = source.slice(0, source.indexOf('\n'));
  const cachePath = `${path}.${process.version}-${process.arch}.cache`;
  const cachedData = readCache(cachePath, stamp);
  const script = new Script(wrap(source), { filename: path, cachedData });
  if (cachedData === undefined || script.cachedDataRejected) {
    // By then it has the functions that were needed.
    process.once('exit', () => writeCache(cachePath, stamp, script.createCachedData()));
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
};

function readCache(path, stamp) {
  try {
    const bytes = readFileSync(path);
    const head = headOf(stamp, bytes.subarray(stamp.length + 4));
    return bytes.subarray(0, head.length).equals(head) ? bytes.subarray(head.length) : undefined;
  } catch {
    return undefined;
  }
}

/** As a whole or not at all; where that fails, the next run compiles again. */
function writeCache(path, stamp, data) {
  const own = `${path}.${process.pid}`;
  try {
    writeFileSync(own, Buffer.concat([headOf(stamp, data), data]));
    renameSync(own, path);
  } catch {
    rmSync(own, { force: true });
  }
}

/** What stands before the code: what it was compiled of, and its checksum. */
function headOf(stamp, data) {
  const head = Buffer.alloc(stamp.length + 4);
  head.write(stamp, 'latin1');
  head.writeUInt32LE(crc32(data), stamp.length);
  return head;
}
