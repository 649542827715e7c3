import type { Files, OpenedFile, Writing } from '../../storage/files.js';
import { DirNode, type DiskNode } from './dirNode.js';
import { FileNode } from './fileNode.js';
import type { Lifeline } from './lifeline.js';
import type { MachineCounts } from './machineCounts.js';
import { systemError } from './systemError.js';
import type { VirtualDisk } from './virtualDisk.js';
import { VirtualOpenedFile, type OpenFlags } from './virtualOpenedFile.js';

/**
 * The file system as one life on a machine sees it. What a call does happens at once, and is told when its time is over;
 * only syncs have done their work not before then.
 */
export class VirtualFiles implements Files {
  readonly #disk: VirtualDisk;
  readonly #life: Lifeline;
  readonly #counts: MachineCounts;

  constructor(disk: VirtualDisk, life: Lifeline, counts: MachineCounts) {
    this.#disk = disk;
    this.#life = life;
    this.#counts = counts;
  }

  open(path: string, flags: OpenFlags, writing: Writing = 'buffered'): Promise<OpenedFile> {
    return this.#call('open', path, () => {
      const file = this.#opened(path, flags);
      return new VirtualOpenedFile({ file, path, flags, writing }, this.#disk, this.#life, this.#counts);
    });
  }

  readFile(path: string): Promise<Buffer> {
    return this.#call('read', path, () => this.#file(path).content());
  }

  /** It is told at once, to a life that is over also: that has no effect. */
  readFileSync(path: string): Buffer {
    this.#life.touch('read', path);
    return this.#file(path).content();
  }

  list(dir: string): Promise<string[]> {
    return this.#call('list', dir, () => this.#disk.shuffled(this.#dir(dir, 'scandir').names.keys()));
  }

  mkdir(dir: string): Promise<void> {
    return this.#call('mkdir', dir, () => this.#disk.makeDir(dir, this.#life.time.now()));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', from, () => {
      const [source, target] = [this.#disk.placeOf(from, 'rename'), this.#disk.placeOf(to, 'rename')];
      const node = source.dir.names.get(source.name);
      if (node === undefined) throw systemError('ENOENT', 'rename', from);
      if (source.dir !== target.dir) throw systemError('EXDEV', 'rename', from);
      if (source.name === target.name) return;
      this.#assertReplaceable(node, target.dir.names.get(target.name), to);
      this.#disk.giveRoom(target.dir.names.get(target.name));
      const change = [
        [source.name, undefined],
        [target.name, node],
      ] as const;
      target.dir.change(change, this.#life.time.now());
    });
  }

  remove(path: string): Promise<void> {
    return this.#call('remove', path, () => {
      const node = this.#disk.find(path);
      if (node === undefined) return;
      const { dir, name } = this.#disk.placeOf(path, 'rm');
      this.#disk.giveRoom(node);
      dir.change([[name, undefined]], this.#life.time.now());
    });
  }

  syncDir(path: string): Promise<void> {
    return this.#life.task(
      { what: 'syncDir', detail: path, delayMs: this.#disk.syncMs() },
      () => {
        const dir = this.#dir(path, 'open');
        return { dir, mark: dir.mark };
      },
      ({ dir, mark }) => {
        this.#counts.syncs += 1;
        dir.settle(mark);
      },
    );
  }

  changedMs(path: string): Promise<number> {
    return this.#call('stat', path, () => this.#found(path, 'stat').changedMs);
  }

  #call<Result>(what: string, path: string, act: () => Result): Promise<Result> {
    return this.#life.call({ what, detail: path, delayMs: this.#disk.accessMs() }, act);
  }

  #opened(path: string, flags: OpenFlags): FileNode {
    const { dir, name } = this.#disk.placeOf(path, 'open');
    const isThere = dir.names.has(name);
    if (isThere && flags === 'wx') throw systemError('EEXIST', 'open', path);
    if (!isThere && (flags === 'r' || flags === 'r+')) throw systemError('ENOENT', 'open', path);
    if (!isThere) dir.change([[name, new FileNode(this.#life.time.now())]], this.#life.time.now());
    const file = this.#file(path);
    if (flags === 'w' && file.size > 0) {
      this.#disk.giveRoom(file);
      file.truncate(0);
    }
    return file;
  }

  #assertReplaceable(node: DiskNode, replaced: DiskNode | undefined, path: string): void {
    if (replaced === undefined) return;
    const isDir = node instanceof DirNode;
    if (!(replaced instanceof DirNode)) {
      if (isDir) throw systemError('ENOTDIR', 'rename', path);
      return;
    }
    if (!isDir) throw systemError('EISDIR', 'rename', path);
    if (replaced.names.size > 0) throw systemError('ENOTEMPTY', 'rename', path);
  }

  #found(path: string, syscall: string): DiskNode {
    const node = this.#disk.find(path);
    if (node === undefined) throw systemError('ENOENT', syscall, path);
    return node;
  }

  #dir(path: string, syscall: string): DirNode {
    const node = this.#found(path, syscall);
    if (!(node instanceof DirNode)) throw systemError('ENOTDIR', syscall, path);
    return node;
  }

  #file(path: string): FileNode {
    const node = this.#found(path, 'open');
    if (!(node instanceof FileNode)) throw systemError('EISDIR', 'open', path);
    return node;
  }
}
