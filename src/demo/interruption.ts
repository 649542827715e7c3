const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that aborts on Ctrl-C, a request to end, or a closed terminal, so that what was started can be ended in
 * order. At the second one the process exits at once; its nodes then end by themselves.
 */
export function interruption(process: NodeJS.Process): { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return { signal: controller.signal };
}
