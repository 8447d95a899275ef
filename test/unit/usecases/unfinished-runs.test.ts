import { expect, it } from 'vitest'
import type { Deps } from '../../../src/usecases/deps.ts'
import { unfinishedRuns } from '../../../src/usecases/flow/unfinished-runs.ts'

it('P1: every unfinished run is looked at, however many there are', async () => {
  const ids = Array.from({ length: 450 }, (_, index) => 3 * index + 1)
  const listUnfinished = async ({ limit, after }: { limit: number; after: number }) =>
    ids
      .filter((id) => id > after)
      .slice(0, limit)
      .map((id) => ({ run: { id }, lines: [] }))
  const deps = { stores: { runs: { listUnfinished } } } as unknown as Pick<Deps, 'stores'>
  const seen: number[] = []
  for await (const { run } of unfinishedRuns(deps)) seen.push(run.id)
  expect(seen).toEqual(ids)
})
