import { KvcError } from '../../errors.js';
import type { Files } from '../../storage/files.js';
import type { Lifeline } from './lifeline.js';
import { StoreNode } from './storeNode.js';
import { Transactions } from './transactions.js';
import type { VirtualDisk } from './virtualDisk.js';
import { VirtualKeyStore } from './virtualKeyStore.js';

/** Stands for lmdb's files. */
const storeFile = 'data';

interface Parts {
  readonly files: Files;
  readonly disk: VirtualDisk;
  readonly life: Lifeline;
  readonly onCheckpoint: () => void;
}

/**
 * Opens the key store in `dir` of a virtual disk, or creates it.
 * @throws KvcError KVC_E_STORE_CORRUPT
 */
export async function openVirtualKeyStore(dir: string, parts: Parts): Promise<VirtualKeyStore> {
  const { files, disk, life, onCheckpoint } = parts;
  await files.mkdir(dir);
  const path = `${dir}/${storeFile}`;
  const node = await life.call({ what: 'openStore', detail: dir, delayMs: disk.accessMs() }, () =>
    nodeAt(path, parts),
  );
  if (node.isDamaged) throw new KvcError('KVC_E_STORE_CORRUPT', `${path} is damaged`, { file: path });
  // The name of the directory too, as the store on lmdb does it: else a checkpoint would be durable in a store that is not.
  if (!node.isCreated) {
    await files.syncDir(dir);
    await files.syncDir(`${dir}/..`);
    node.isCreated = true;
  }
  return new VirtualKeyStore(node, new Transactions(dir, disk, life), onCheckpoint);
}

function nodeAt(path: string, { disk, life }: Parts): StoreNode {
  const found = disk.find(path);
  if (found instanceof StoreNode) return found;
  const { dir, name } = disk.placeOf(path, 'open');
  const node = new StoreNode(life.time.now());
  dir.change([[name, node]], life.time.now());
  return node;
}
