import { describe, expect, it } from 'vitest'
import type { Fence } from '../../../src/core/ports/lease-store.ts'
import type { PageCommit, SyncStore } from '../../../src/core/ports/sync-store.ts'
import { createPageCommits } from '../../../src/usecases/line/page-commits.ts'

const fence: Fence = { resources: ['r'], token: '1' }
const page = (pages: number) => ({ checkpoint: { jobId: 1, value: { pages } } }) as unknown as PageCommit

/** A store that notes what is called, and whose commits end when told. */
function noting() {
  const calls: string[] = []
  const ends: { done(): void; fail(error: Error): void }[] = []
  const note = (name: string) => async () => {
    calls.push(name)
    return new Map()
  }
  const store = {
    findCouplings: note('findCouplings'),
    findTaken: note('findTaken'),
    resolveReferences: async (mappingId: number) => note(`resolveReferences ${mappingId}`)(),
    openIntent: note('openIntent'),
    commitPage: (_: Fence, { checkpoint }: PageCommit) =>
      new Promise<void>((resolve, reject) => {
        calls.push(`commit ${checkpoint?.value.pages}`)
        ends.push({ done: resolve, fail: reject })
      }),
  } as unknown as SyncStore
  return { calls, ends, commits: createPageCommits(store, 7) }
}

describe('commits behind the pages', () => {
  it('what belongs to the next page alone does not wait, what could miss a coupling does', async () => {
    const { calls, ends, commits } = noting()
    await commits.begin(fence, page(1))
    await commits.sync.findCouplings(7, 'local', ['text:A'])
    await commits.sync.resolveReferences(8, 'local', ['text:A'])
    const waiting = [
      commits.sync.findTaken('g', 'remote', ['text:A'], -1),
      commits.sync.resolveReferences(7, 'local', ['text:A']),
    ]
    await new Promise(setImmediate)
    expect(calls).toEqual(['commit 1', 'findCouplings', 'resolveReferences 8'])
    ends[0]?.done()
    await Promise.all(waiting)
    expect(calls.slice(3).sort()).toEqual(['findTaken', 'resolveReferences 7'])
  })

  it('one commit at a time, in the order of the pages', async () => {
    const { calls, ends, commits } = noting()
    await commits.begin(fence, page(1))
    const second = commits.begin(fence, page(2))
    const third = second.then(() => commits.sync.commitPage(fence, page(3)))
    await new Promise(setImmediate)
    expect(calls).toEqual(['commit 1'])
    ends[0]?.done()
    await second
    expect(calls).toEqual(['commit 1', 'commit 2'])
    ends[1]?.done()
    await new Promise(setImmediate)
    ends[2]?.done()
    await third
    expect(calls).toEqual(['commit 1', 'commit 2', 'commit 3'])
  })

  it('P4: after a commit that failed nothing more is committed, and it is not forgotten', async () => {
    const { calls, ends, commits } = noting()
    await commits.begin(fence, page(1))
    ends[0]?.fail(new Error('lost'))
    await new Promise(setImmediate)
    await expect(commits.begin(fence, page(2))).rejects.toThrow('lost')
    await expect(commits.sync.commitPage(fence, page(2))).rejects.toThrow('lost')
    await expect(commits.settled()).rejects.toThrow('lost')
    expect(calls).toEqual(['commit 1'])
  })
})
