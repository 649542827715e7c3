import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // oclif's test helper captures the console itself.
    disableConsoleIntercept: true,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
