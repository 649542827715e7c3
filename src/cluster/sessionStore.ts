import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KvcError, messageOf } from '../errors.js';
import { isName } from '../protocol/names.js';
import { decodeToken, mergeTokens } from '../protocol/sessionToken.js';
import { withFileLock } from './withFileLock.js';
import { writeAtomically } from './writeAtomically.js';

/** A session kept with its cluster, so that every shell can go on with it. */
export interface SessionRecord {
  readonly name: string;
  readonly token: string;
  readonly updated_at_ms: number;
}

const format = 1;

/**
 * The sessions of one cluster: `sessions/NAME.json` in its directory. Guarantee: what a session has observed only
 * grows, whatever commands use it at the same time, because `save` merges with what is there, under a lock.
 */
export class SessionStore {
  readonly #dir: string;
  readonly #now: () => number;

  /** @param clusterDir - the cluster's directory; `sessions` in it is made at the first save */
  constructor(clusterDir: string, now: () => number = Date.now) {
    this.#dir = join(clusterDir, 'sessions');
    this.#now = now;
  }

  /** The session, or undefined if there is none of that name. */
  async find(name: string): Promise<SessionRecord | undefined> {
    const path = this.#path(name);
    try {
      return parseRecord(await readFile(path, 'utf8'), name, path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** @throws KvcError KVC_E_SESSION_UNKNOWN, listing those that there are */
  async get(name: string): Promise<SessionRecord> {
    const record = await this.find(name);
    if (record !== undefined) return record;
    const names = await this.#names();
    const known = names.length === 0 ? 'there are none yet' : `there are ${names.join(', ')}`;
    throw new KvcError('KVC_E_SESSION_UNKNOWN', `there is no session ${name}; ${known}`, {
      session: name,
      sessions: names,
      try: [`kvc read KEY --session ${name}`],
    });
  }

  /** All sessions, by name. */
  async list(): Promise<SessionRecord[]> {
    const records = await Promise.all((await this.#names()).map((name) => this.find(name)));
    return records.filter((record) => record !== undefined);
  }

  /**
   * Adds what `token` has seen to the session, and makes the session if it is new.
   * @throws KvcError KVC_E_STORE_FAILED when the file cannot be written; KVC_E_TOKEN_FOREIGN
   */
  async save(name: string, token: string): Promise<SessionRecord> {
    return this.#locked(name, async () => {
      const before = await this.find(name);
      const merged = before === undefined ? token : mergeTokens(before.token, token);
      const record = { name, token: merged, updated_at_ms: this.#now() };
      writeAtomically(this.#path(name), JSON.stringify({ format, ...record }));
      return record;
    });
  }

  /** Forgets the session, readable or not. @throws KvcError KVC_E_SESSION_UNKNOWN */
  async reset(name: string): Promise<void> {
    if (!(await this.#names()).includes(name)) await this.get(name);
    await this.#locked(name, () => rm(this.#path(name), { force: true }));
  }

  /** Adds what the sources have seen to the target. @throws KvcError KVC_E_SESSION_UNKNOWN */
  async merge(target: string, sources: readonly string[]): Promise<SessionRecord> {
    const records = await Promise.all(sources.map((source) => this.get(source)));
    const token = records.map((record) => record.token).reduce(mergeTokens);
    return this.save(target, token);
  }

  #path(name: string): string {
    return join(this.#dir, `${name}.json`);
  }

  async #names(): Promise<string[]> {
    try {
      const files = await readdir(this.#dir);
      return files
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -'.json'.length))
        .filter(isName)
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async #locked<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lock = join(this.#dir, `${name}.lock`);
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      return await withFileLock(lock, work);
    } catch (error) {
      if (error instanceof KvcError) throw error;
      throw new KvcError(
        'KVC_E_STORE_FAILED',
        `session ${name} could not be saved in ${this.#dir}: ${messageOf(error)}`,
        { session: name },
        { cause: error },
      );
    }
  }
}

function parseRecord(text: string, name: string, path: string): SessionRecord {
  try {
    const { format: written, token, updated_at_ms } = JSON.parse(text) as Record<string, unknown>;
    if (written === format && typeof token === 'string' && typeof updated_at_ms === 'number') {
      decodeToken(token);
      return { name, token, updated_at_ms };
    }
  } catch {
    // Reported below like every other content that cannot be used.
  }
  throw new KvcError(
    'KVC_E_FORMAT_UNKNOWN',
    `${path} is no session that this version of kvc can read; forget it: kvc session reset ${name}`,
    { session: name, path },
  );
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
