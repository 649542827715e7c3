type Step = () => Promise<void>;

const steps = new Set<Step>();

/**
 * Runs `use` and then `release`, also if `use` fails or the benchmark is ended by Ctrl-C or SIGTERM: no process and no
 * data stays behind.
 */
export async function withRelease<T>(release: Step, use: () => Promise<T>): Promise<T> {
  steps.add(release);
  try {
    return await use();
  } finally {
    steps.delete(release);
    await release();
  }
}

/** What has been started and can be stopped. */
export interface Stoppable {
  readonly stop: Step;
}

/** Starts one after the other, uses all, and stops them in reverse: as withRelease does, whatever happens. */
export async function withStarted<Started extends Stoppable, T>(
  starts: readonly (() => Promise<Started>)[],
  use: (all: readonly Started[]) => Promise<T>,
): Promise<T> {
  const [first, ...others] = starts;
  if (first === undefined) return use([]);
  const started = await first();
  return withRelease(started.stop, () => withStarted(others, (rest) => use([started, ...rest])));
}

/** To be called once, before anything is started. */
export function cleanUpOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void releaseAll().finally(() => process.exit(130));
    });
  }
}

/** In reverse: what was taken last may stand on what was taken before. */
async function releaseAll(): Promise<void> {
  for (const step of [...steps].reverse()) {
    await step().catch((error: unknown) => process.stderr.write(`cleaning up: ${String(error)}\n`));
  }
}
