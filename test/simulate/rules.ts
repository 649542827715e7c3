/**
 * The rules that safety rests on, and how the source is changed so that one of them does not hold. The product has no switch for
 * any of them: the change is made to the text as it is bundled for a test, so what is switched off is what runs in production.
 */
export interface Rule {
  readonly name: string;
  /** What would go wrong without it. */
  readonly protects: string;
  readonly edits: readonly Edit[];
}

/** The text `from` stands exactly once in the file; else the test fails: the rule has moved. */
interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const rules: readonly Rule[] = [
  {
    name: 'dependency check',
    protects: 'no update is visible before what it depends on',
    edits: [
      {
        file: 'src/core/delivery.ts',
        from: "const missing = this.#mode === 'fifo' ? undefined : firstMissing(this.#clock, update.dependencies);",
        to: 'const missing = undefined as Dot | undefined;',
      },
    ],
  },
  {
    name: 'gap check',
    protects: 'the updates of one origin are delivered in their order, none is left out',
    edits: [
      {
        file: 'src/core/delivery.ts',
        from: 'if (counterOf(this.#clock, replica) < counter - 1) return { replica, counter: counter - 1 };',
        to: '',
      },
    ],
  },
  {
    name: 'duplicate check',
    protects: 'an update is applied once, however often it arrives',
    edits: [
      {
        file: 'src/core/delivery.ts',
        from: 'if (containsDot(this.#clock, update.dot) || this.pending.get(update.dot) !== undefined)',
        to: 'if (this.pending.get(update.dot) !== undefined)',
      },
    ],
  },
  {
    name: 'durable before send',
    protects: 'no dot that a crash can take back leaves its replica',
    edits: [
      {
        file: 'src/driver/replicaDriver.ts',
        from: 'return this.#flusher.flush(effect.own);',
        to: "this.#flusher.flush(effect.own); return this.#step({ kind: 'persisted', sequence: effect.sequence });",
      },
    ],
  },
  {
    name: 'session wait',
    protects: 'a session is never answered from before what it has seen',
    edits: [
      {
        file: 'src/driver/replicaDriver.ts',
        from: 'if (covers(this.#parts.replica.clock, context)) return undefined;',
        to: 'return undefined;',
      },
      {
        file: 'src/core/writes.ts',
        from: 'const missing = firstMissing(this.#parts.delivery.clock, context);',
        to: 'const missing = undefined as Dot | undefined;',
      },
    ],
  },
  {
    name: 'sibling coverage',
    protects: 'a write replaces what it has seen and nothing else',
    edits: [
      {
        file: 'src/core/applyOperations.ts',
        from: 'else if (!hasSeenVersion(update, other)) survivors.push(other);',
        to: '',
      },
    ],
  },
  {
    name: 'winner order',
    protects: 'all replicas show the same winner, and one that respects causality',
    edits: [
      {
        file: 'src/core/versions.ts',
        from: 'if (left.timestamp !== right.timestamp) return right.timestamp - left.timestamp;',
        to: 'if (left.timestamp !== right.timestamp) return 0;',
      },
    ],
  },
  {
    name: 'tombstone rule: delivered by all',
    protects: 'a deleted value does not come back from a replica that has not delivered the delete',
    edits: [
      {
        file: 'src/core/upkeep.ts',
        from: 'const { collectable } = this.stability;',
        to: 'const collectable = delivery.clock;',
      },
    ],
  },
  {
    name: 'tombstone rule: nothing older under way',
    protects: 'a value written before its replica had delivered the delete does not survive it',
    edits: [
      {
        file: 'src/core/stability.ts',
        from: 'if (!covers(delivered, this.#candidate.required)) return;',
        to: '',
      },
    ],
  },
  {
    name: 'incarnation',
    protects: 'a replica that lost its data does not give its dots a second time',
    edits: [
      {
        file: 'src/driver/nodeData.ts',
        from: 'const identity = { clusterId, replica: newIncarnation(self, random), joined: false };',
        to: 'const identity = { clusterId, replica: firstReplicaId(self), joined: true };',
      },
    ],
  },
  {
    name: 'atomic apply',
    protects: 'the operations of a batch become visible together',
    edits: [
      {
        file: 'src/core/delivery.ts',
        from: '  #apply(update: Update, changes?: KeyChange[]): void {\n',
        to: '  readonly #late: (() => void)[] = [];\n  #apply(update: Update, changes?: KeyChange[]): void {\n    for (const late of this.#late.splice(0)) late();\n',
      },
      {
        file: 'src/core/delivery.ts',
        from: `    const before = this.#keys.get(key);
    const seen = operations.some(isIncrement) ? this.#seenBy(update) : update;
    const after = applyOperations(before, update, operations, twins, seen);
    this.#replace(key, before, after);
    changes?.push({ key, before: before ?? [], after });
`,
        to: `    const apply = (): void => {
      const before = this.#keys.get(key);
      this.#replace(key, before, applyOperations(before, update, operations, twins, this.#seenBy(update)));
    };
    if (key === update.operations[0]?.key) apply();
    else this.#late.push(apply);
`,
      },
    ],
  },
  {
    name: 'snapshot cut',
    protects: 'a snapshot is the state at the vector that it names',
    edits: [
      {
        file: 'src/driver/checkpointer.ts',
        from: 'const cut = await this.#keys.cut(this.#replica.facts(), this.#log.flush());',
        to: 'const facts = this.#replica.facts(); await this.#log.flush(); const cut = await this.#keys.cut(facts, this.#log.flush());',
      },
    ],
  },
  {
    name: 'truncation bound',
    protects: 'the log keeps what the store does not have yet',
    edits: [
      {
        file: 'src/driver/logKeeper.ts',
        from: 'const common = commonPart([replica.membership.withFinals(replica.stable), stored]);',
        to: 'const common = replica.membership.withFinals(replica.durable);',
      },
    ],
  },
  {
    name: 'merging: what the key holds is seen',
    protects: 'an increment counts everywhere or nowhere, and a removal takes away what its replica shows',
    edits: [
      {
        file: 'src/core/metVersions.ts',
        from: 'if (!isMet(version)) continue;',
        to: 'continue;',
      },
    ],
  },
  {
    name: 'merging: puts and deletes take counters away',
    protects: 'an increment that has not seen a delete does not count, whichever comes first',
    edits: [{ file: 'src/core/applyOperations.ts', from: "if (other.kind === 'counter') continue;", to: '' }],
  },
  {
    name: 'merging: a removal has seen what it takes away',
    protects: 'of a concurrent addition and removal the addition wins',
    edits: [
      {
        file: 'src/core/applyOperations.ts',
        from: 'return ofMember.filter((addition) => !hasSeenVersion(update, addition));',
        to: 'return [];',
      },
    ],
  },
  {
    name: 'merging: an expiry names a write',
    protects: 'no value expires that was written after the one that has',
    edits: [
      {
        file: 'src/core/applyOperations.ts',
        from: '!isEcho(version) && dotsOf(version).some((dot) => sameDot(dot, target));',
        to: 'version.kind === undefined && target !== undefined;',
      },
    ],
  },
  {
    name: 'expiry: not before its time',
    protects: 'a value stays as long as its client was told',
    edits: [
      {
        file: 'src/core/expiry.ts',
        from: 'if (dot.replica === self) return expiresMs;',
        to: 'if (dot.replica === self) return expiresMs - 1;',
      },
      {
        file: 'src/core/expiring.ts',
        from: 'if (atMs !== Infinity) this.lookAt(key, atMs);',
        to: 'if (atMs !== Infinity) this.lookAt(key, atMs - 1);',
      },
    ],
  },
  {
    name: 'condition: writes under way are waited for',
    protects: 'a node does not create a key twice',
    edits: [
      {
        file: 'src/core/writes.ts',
        from: 'const rival = this.#rivalOf(write);',
        to: 'const rival = undefined as VersionVector | undefined;',
      },
    ],
  },
];
