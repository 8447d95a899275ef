import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// On a shared CI machine a process may get no time for seconds: there, red is what is red three times in a row.
const retry = process.env['CI'] ? 2 : 0
const shared = { globals: false, retry, pool: 'forks' as const, testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    // One more than small machines have cores: half of the tests wait for a queue, a process or a lock.
    maxWorkers: 3,
    passWithNoTests: false,
    projects: [
      {
        // The examples name the package as its users do; here it is not built.
        resolve: {
          alias: {
            'couplet/client': fileURLToPath(new URL('src/client/client.ts', import.meta.url)),
            'couplet/enqueue': fileURLToPath(new URL('src/app/enqueue.ts', import.meta.url)),
          },
        },
        // A process reads the sources once, not once for each file: that would be a third of the time.
        test: {
          ...shared,
          name: 'main',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/crash/**', 'test/chaos/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Processes are killed and leases expire here, which is mostly waiting: after everything else, and more at a time.
        test: {
          ...shared,
          name: 'crash',
          maxWorkers: 4,
          include: ['test/crash/**/*.test.ts', 'test/chaos/**/*.test.ts'],
          testTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
