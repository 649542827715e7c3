/** What clients that work side by side achieved. */
interface Work {
  readonly seconds: number;
  readonly perSecond: number;
}

/** Carries out `count` operations by so many clients at once, each of which has one under way. */
export async function runClients(
  clients: number,
  count: number,
  operation: (index: number, client: number) => Promise<unknown>,
): Promise<Work> {
  const beganMs = performance.now();
  let begun = 0;
  const work = async (client: number): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await operation(begun - 1, client);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  const seconds = (performance.now() - beganMs) / 1000;
  return { seconds, perSecond: count / seconds };
}
