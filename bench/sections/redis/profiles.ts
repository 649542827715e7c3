import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runRespLoad, writeAllRespKeys, type RespWork } from '../../load/respLoad.js';
import { topSelfTimes } from '../../measure/selfTimes.js';
import { withRelease } from '../../processes/cleanup.js';
import { startNodes } from '../../processes/nodes.js';

const functionsShown = 15;
const warmUps = 2;
const warmUpMs = 700;
const firstGuess = 10_000;

interface Path {
  readonly name: string;
  readonly isDurable: boolean;
  readonly work: RespWork & { readonly command: 'get' | 'set' };
}

const paths: readonly Path[] = [
  { name: 'GET x 16, ephemeral', isDurable: false, work: { command: 'get', pipeline: 16 } },
  { name: 'SET x 16, ephemeral', isDurable: false, work: { command: 'set', pipeline: 16 } },
  { name: 'SET x 16, durable', isDurable: true, work: { command: 'set', pipeline: 16 } },
];

export interface ProfileOptions {
  readonly dataDir: string;
  readonly profileDir: string;
  readonly connections: number;
  readonly durationMs: number;
}

/** Where the time of a node goes, a line for each function: each path by a node of its own that does nothing else. */
export async function profileRespPaths(options: ProfileOptions): Promise<string[]> {
  const lines: string[] = [];
  for (const [index, path] of paths.entries()) {
    const profileDir = join(options.profileDir, `resp-path${index + 1}`);
    rmSync(profileDir, { recursive: true, force: true });
    await load(path, { ...options, profileDir });
    const [profile] = readdirSync(profileDir);
    if (profile === undefined) throw new Error(`the node wrote no profile of ${path.name}`);
    lines.push(`${path.name}: of the node's main thread, in % of the time that it was not idle, ${profile}:`);
    for (const { name, percent } of topSelfTimes(join(profileDir, profile), functionsShown)) {
      lines.push(`  ${percent.toFixed(1).padStart(5)}  ${name}`);
    }
  }
  return lines;
}

async function load({ name, isDurable, work }: Path, options: ProfileOptions): Promise<void> {
  const { connections, durationMs, profileDir } = options;
  const dataDir = isDurable ? join(options.dataDir, `profile ${name}`) : null;
  const { nodes, stop } = await startNodes({ count: 1, dataDir, profileDir });
  await withRelease(stop, async () => {
    const target = { port: nodes[0]?.respPort ?? 0, pid: nodes[0]?.pid };
    await writeAllRespKeys(target.port);
    // A node that has just started is slow, so what it then takes tells little of what it will take.
    let perSecond = firstGuess;
    for (let warmUp = 0; warmUp < warmUps; warmUp += 1) {
      const amount = { connections, durationMs: warmUpMs, perSecond };
      ({ perSecond } = await runRespLoad(target, work, amount));
    }
    await runRespLoad(target, work, { connections, durationMs, perSecond });
  });
}
