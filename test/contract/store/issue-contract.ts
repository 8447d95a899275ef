import { describe, expect, it } from 'vitest'
import type { AskedIssues } from '../../../src/core/ports/sync-store.ts'
import { type Issue, referenceName } from '../../../src/core/sync/issue.ts'
import type { Store } from '../../../src/store/store.ts'
import { waitFor } from '../../support/servers.ts'
import { couplingWrite, givenPair, givenWorkplace, issueWrite, unique } from '../../support/store-fixtures.ts'

export function issueContract(store: () => Store): void {
  const issuesOf = (mapping: string, changes: object = {}) =>
    store().operations.listIssues({
      pairId: null,
      mapping,
      kind: null,
      code: null,
      limit: 10,
      before: null,
      ...changes,
    })
  const decide = async (mapping: string, id: string) => {
    const [found] = await issuesOf(mapping)
    expect(await store().operations.resolveConflicts([resolved(found, id)], audit)).toEqual([found?.id])
  }
  const dueKeys = async (mappingId: number) =>
    (await store().sync.findDueIssues(mappingId, 'to', 10)).map(({ key }) => key)
  /** A customer mapping whose records wait for salespeople of a second mapping. */
  const givenCustomers = async () => {
    const pair = await givenPair(store())
    const people = await givenWorkplace(store(), pair, unique('SALES'))
    const customers = await givenWorkplace(store(), pair, unique('CUSTOMER'))
    const name = (side: 'local' | 'remote', code: string) =>
      referenceName(people.mapping.definition.name, side, `text:${code}`)
    const waitingFor = (key: string, waitsFor: string) =>
      issueWrite(customers.jobId, key, { kind: 'waiting', errorKind: 'waiting', waitsFor })
    return { people, customers, name, waitingFor }
  }

  describe('issues (domain.md §11.4)', () => {
    it('an issue met again counts its attempts, keeps its first time and shows the last cause', async () => {
      const place = await givenWorkplace(store(), undefined, unique('ISSUE'))
      const first = issueWrite(place.jobId, 'A')
      await place.commit({ openIssues: [first] })
      const [before] = await issuesOf(place.mapping.definition.name)
      expect(before).toMatchObject({ ...withoutRetry(first), attempts: 1, nextAttemptAt: null })
      const conflicts = [
        {
          local: { field: 'name', base: null, value: 'text:a', modifiedAt: null },
          remote: { field: 'name', base: null, value: 'text:b', modifiedAt: '2024-05-01T10:00:00.000000Z' },
        },
      ] as const
      const again = issueWrite(place.jobId, 'A', {
        kind: 'conflict',
        code: 'CONFLICT_BOTH_CHANGED',
        errorKind: 'conflict',
        partnerKey: 'text:P',
        conflicts,
      })
      await place.commit({ openIssues: [again] })
      const [after, ...rest] = await issuesOf(place.mapping.definition.name)
      expect(rest).toEqual([])
      expect(after).toMatchObject({ ...withoutRetry(again), attempts: 2, id: before?.id })
      expect(after?.firstAt).toBe(before?.firstAt)
      expect(after?.lastAt).not.toBe(before?.lastAt)
    })

    it('of what is due, only what a run was asked for: what its jobs have left, and these records', async () => {
      const pair = await givenPair(store())
      const [own, other] = [await givenWorkplace(store(), pair), await givenWorkplace(store(), pair)]
      const left = (key: string, jobId: number) => issueWrite(jobId, key, { retryInMs: -1_000 })
      await own.commit({
        openIssues: [left('mine', own.jobId), left('named', other.jobId), left('rest', other.jobId)],
      })
      const due = async (asked?: AskedIssues) =>
        (await store().sync.findDueIssues(own.mapping.id, 'to', 10, asked)).map(({ key }) => key).sort()
      expect(await due()).toEqual(['text:mine', 'text:named', 'text:rest'])
      const nothing = { jobIds: [], operationId: null, answers: null, keys: [] }
      expect(await due(nothing)).toEqual([])
      expect(await due({ ...nothing, jobIds: [own.jobId], keys: ['text:named'] })).toEqual([
        'text:mine',
        'text:named',
      ])
    })

    it('an issue is due after its delay, in its direction, until it is closed', async () => {
      const place = await givenWorkplace(store())
      await place.commit({
        openIssues: [
          issueWrite(place.jobId, 'soon', { retryInMs: 20 }),
          issueWrite(place.jobId, 'late', { retryInMs: 60_000 }),
          issueWrite(place.jobId, 'never'),
        ],
      })
      await waitFor('the delay', () => store().sync.hasDueWork(place.mapping.id))
      expect(await dueKeys(place.mapping.id)).toEqual(['text:soon'])
      expect(await store().sync.findDueIssues(place.mapping.id, 'from', 10)).toEqual([])
      await place.commit({ closeIssues: [{ direction: 'from', key: 'text:soon' }] })
      expect(await dueKeys(place.mapping.id)).toEqual(['text:soon'])
      await place.commit({ closeIssues: [{ direction: 'to', key: 'text:soon' }] })
      expect(await dueKeys(place.mapping.id)).toEqual([])
    })

    it('a conflict that is over on one side is due on the other, unless it is over there, too', async () => {
      const place = await givenWorkplace(store())
      const conflict = (direction: 'to' | 'from', key: string, partner: string) =>
        issueWrite(place.jobId, key, {
          direction,
          partnerKey: `text:${partner}`,
          kind: 'conflict',
          code: 'CONFLICT_BOTH_CHANGED',
          errorKind: 'conflict',
        })
      const openBoth = (n: number) => [conflict('to', `L${n}`, `R${n}`), conflict('from', `R${n}`, `L${n}`)]
      await place.commit({ openIssues: [...openBoth(1), ...openBoth(2), ...openBoth(3)] })
      expect(await dueKeys(place.mapping.id)).toEqual([])
      await place.commit({
        closeIssues: [
          { direction: 'from', key: 'text:R1' },
          { direction: 'from', key: 'text:R2' },
          { direction: 'to', key: 'text:L2' },
        ],
      })
      expect(await dueKeys(place.mapping.id)).toEqual(['text:L1'])
    })

    it('a conflict that is over on one side turns to the other, with what was decided', async () => {
      const place = await givenWorkplace(store(), undefined, unique('ISSUE'))
      const conflict = issueWrite(place.jobId, 'L', {
        partnerKey: 'text:R',
        kind: 'conflict',
        code: 'CONFLICT_BOTH_CHANGED',
        errorKind: 'conflict',
      })
      await place.commit({ openIssues: [conflict] })
      await decide(place.mapping.definition.name, 'D')
      await place.commit({ closeIssues: [{ direction: 'to', key: 'text:L' }] })
      const [turned, ...rest] = await store().sync.findDueIssues(place.mapping.id, 'from', 10)
      expect(turned).toMatchObject({ key: 'text:R', partnerKey: 'text:L', resolution: { id: 'D' } })
      expect(rest).toEqual([])
      const both = [
        { direction: 'from', key: 'text:R' } as const,
        { direction: 'to', key: 'text:L' } as const,
      ]
      await place.commit({ closeIssues: both })
      expect(await issuesOf(place.mapping.definition.name)).toEqual([])
    })

    it('a decision lasts until an attempt that has had it meets a conflict all the same', async () => {
      const place = await givenWorkplace(store(), undefined, unique('ISSUE'))
      const conflict = (answers: string | null) =>
        issueWrite(place.jobId, 'L', {
          partnerKey: 'text:R',
          kind: 'conflict',
          code: 'CONFLICT_BOTH_CHANGED',
          errorKind: 'conflict',
          answers,
        })
      await place.commit({ openIssues: [conflict(null)] })
      await decide(place.mapping.definition.name, 'D')
      expect(await dueKeys(place.mapping.id)).toEqual(['text:L'])
      await place.commit({ openIssues: [conflict(null)] })
      expect(await dueKeys(place.mapping.id)).toEqual(['text:L'])
      const decided = await store().sync.findResolutions(place.mapping.id, 'to', ['text:L', 'text:M'])
      expect([...decided]).toMatchObject([['text:L', { id: 'D', decidedBy: 'somebody' }]])
      await place.commit({ openIssues: [conflict('D')] })
      expect(await dueKeys(place.mapping.id)).toEqual([])
      expect(await issuesOf(place.mapping.definition.name)).toMatchObject([{ resolution: null, attempts: 3 }])
    })

    it('a decision about a conflict that has been met again since is refused', async () => {
      const place = await givenWorkplace(store(), undefined, unique('ISSUE'))
      const name = place.mapping.definition.name
      await place.commit({ openIssues: [issueWrite(place.jobId, 'L', { kind: 'conflict' })] })
      const [seen] = await issuesOf(name)
      await place.commit({ openIssues: [issueWrite(place.jobId, 'L', { kind: 'conflict' })] })
      expect(await store().operations.resolveConflicts([resolved(seen, 'D')], audit)).toEqual([])
      expect(await issuesOf(name)).toMatchObject([{ resolution: null }])
    })

    it('the right to create, once given, stays with the issue', async () => {
      const place = await givenWorkplace(store(), undefined, unique('ISSUE'))
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { createMissing: true })] })
      await place.commit({ openIssues: [issueWrite(place.jobId, 'A', { createMissing: false })] })
      expect(await issuesOf(place.mapping.definition.name)).toMatchObject([{ createMissing: true }])
    })

    it('lists by kind, code and page, newest first', async () => {
      const place = await givenWorkplace(store(), undefined, unique('ISSUE'))
      const name = place.mapping.definition.name
      await place.commit({ openIssues: ['A', 'B', 'C'].map((key) => issueWrite(place.jobId, key)) })
      await place.commit({ openIssues: [issueWrite(place.jobId, 'D', { kind: 'skipped' })] })
      const newest = await issuesOf(name, { limit: 2 })
      expect(newest.map(({ key }) => key)).toEqual(['text:D', 'text:C'])
      const next = await issuesOf(name, { before: newest[1]?.id ?? 0 })
      expect(next.map(({ key }) => key)).toEqual(['text:B', 'text:A'])
      expect(await issuesOf(name, { kind: 'skipped' })).toHaveLength(1)
      expect(await issuesOf(name, { code: 'INTERNAL' })).toHaveLength(0)
      expect(await issuesOf(name, { pairId: place.pair.id })).toHaveLength(4)
      expect(await issuesOf(name, { pairId: place.pair.id + 1 })).toHaveLength(0)
    })
  })

  describe('waiting records', () => {
    it('the coupling a record waits for makes it due (invariant 11)', async () => {
      const { people, customers, name, waitingFor } = await givenCustomers()
      await customers.commit({
        openIssues: [waitingFor('A', name('local', 'JO')), waitingFor('B', name('local', 'XX'))],
      })
      expect(await dueKeys(customers.mapping.id)).toEqual([])
      await people.commit({ couplings: [couplingWrite('JO', 'R')], releases: [name('local', 'JO')] })
      expect(await dueKeys(customers.mapping.id)).toEqual(['text:A'])
    })

    it('a release in another pair releases nobody', async () => {
      const { people, customers, name, waitingFor } = await givenCustomers()
      await customers.commit({ openIssues: [waitingFor('A', name('local', 'JO'))] })
      const stranger = await givenWorkplace(store(), undefined, people.mapping.definition.name)
      await stranger.commit({ couplings: [couplingWrite('JO', 'R')], releases: [name('local', 'JO')] })
      expect(await dueKeys(customers.mapping.id)).toEqual([])
    })

    it.each([
      ['local', 'JO'],
      ['remote', 'R'],
    ] as const)(
      'a record that waits for a %s reference coupled meanwhile is due at once',
      async (side, code) => {
        const { people, customers, name, waitingFor } = await givenCustomers()
        await people.commit({ couplings: [couplingWrite('JO', 'R')], releases: [name(side, code)] })
        const other = name(side === 'local' ? 'remote' : 'local', code)
        await customers.commit({ openIssues: [waitingFor('A', name(side, code)), waitingFor('B', other)] })
        expect(await dueKeys(customers.mapping.id)).toEqual(['text:A'])
      },
    )

    it('a page that both opens the issue and couples what it waits for makes it due', async () => {
      const place = await givenWorkplace(store())
      const parent = referenceName(place.mapping.definition.name, 'local', 'text:P')
      await place.commit({
        couplings: [couplingWrite('P', 'R')],
        releases: [parent],
        openIssues: [issueWrite(place.jobId, 'child', { kind: 'waiting', waitsFor: parent })],
      })
      expect(await dueKeys(place.mapping.id)).toEqual(['text:child'])
    })

    it('a reference may contain slashes', async () => {
      const { people, customers, name, waitingFor } = await givenCustomers()
      await people.commit({ couplings: [couplingWrite('a/b/c', 'R')] })
      await customers.commit({ openIssues: [waitingFor('A', name('local', 'a/b/c'))] })
      expect(await dueKeys(customers.mapping.id)).toEqual(['text:A'])
    })
  })
}

const audit = { actor: 'somebody', detail: {} }

function resolved(issue: Issue | undefined, id: string) {
  const resolution = { kind: 'conflict', id, decidedBy: 'somebody', choices: [] } as const
  return { issueId: issue?.id ?? 0, attempts: issue?.attempts ?? 0, resolution }
}

function withoutRetry(issue: ReturnType<typeof issueWrite>) {
  const { retryInMs: _retry, isAttempt: _attempt, answers: _answers, chosen: _chosen, ...rest } = issue
  return rest
}
