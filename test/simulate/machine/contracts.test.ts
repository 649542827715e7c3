import type { NodeName } from '../../../src/core/ids.js';
import type { Life } from '../../../src/simulate/machine/machine.js';
import { faultless, VirtualNetwork } from '../../../src/simulate/machine/virtualNetwork.js';
import { VirtualTransport } from '../../../src/simulate/machine/virtualTransport.js';
import { openFileLog } from '../../../src/storage/fileLog/openFileLog.js';
import type { KeyStore } from '../../../src/storage/keyStore.js';
import type { PeerHandlers } from '../../../src/transport/peerHandlers.js';
import { keyStoreContract } from '../../contracts/keyStore.js';
import { storeSnapshotContract } from '../../contracts/storeSnapshot.js';
import { peer, transportContract, type TransportWorld } from '../../contracts/transport.js';
import { updateLogContract } from '../../contracts/updateLog.js';
import { keepRunning, machineIn, universe } from './universes.js';

function bootedInTest(): Life {
  const around = universe();
  keepRunning(around);
  return machineIn(around).boot();
}

updateLogContract('the log on a virtual disk', () => {
  const { place, random } = bootedInTest();
  return openFileLog('/data/log', { clusterId: 'c1', files: place.files, random });
});
updateLogContract('the log in many small files of a virtual disk', () => {
  const { place, random } = bootedInTest();
  const small = { segmentBytesMax: 1, recentBytesMax: 0 };
  return openFileLog('/data/log', { clusterId: 'c1', files: place.files, random, ...small });
});

const openStore = (): Promise<KeyStore> => bootedInTest().place.openStore('/data/store', () => undefined);
keyStoreContract('the key store on a virtual disk', openStore);
storeSnapshotContract('the key store on a virtual disk', openStore, { numRuns: 30 });

transportContract('a virtual network', () => {
  const around = universe();
  keepRunning(around);
  const network = new VirtualNetwork({ ...faultless, latencyMsMax: 20 }, around);
  const [own, other] = ['node1', 'node2'].map((name) => machineIn(around, name).boot()) as [Life, Life];
  const handlers = new Map<NodeName, PeerHandlers>();
  network.listen(other.line, {
    replicate: (message) => handlers.get(peer)!.replicate(message),
    snapshot: (request) => handlers.get(peer)!.snapshot(request),
    join: (request) => handlers.get(peer)!.join(request),
  });
  const transport = new VirtualTransport(network, own.line);
  const world: TransportWorld = { transport, handlers, close: () => transport.close() };
  return Promise.resolve(world);
});
