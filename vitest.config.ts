import { defineConfig } from 'vitest/config';

const common = {
  // oclif's test helper captures the console itself.
  disableConsoleIntercept: true,
  // Tests with processes await conditions; these only end one that hangs, on however busy a machine.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // By default one core is left free: of two, that is half. Most of the time tests wait for other processes.
    maxWorkers: '100%',
    projects: [
      {
        test: { ...common, name: 'source', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'] },
      },
      {
        // These run bin/run.cjs, the built program, which is built anew when it is older than its sources.
        test: {
          ...common,
          name: 'build',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/buildFirst.ts'],
        },
      },
    ],
  },
});
