import { describe, expect, it } from 'vitest'
import { exclusivityGroup } from '../../../src/core/coupling/exclusivity-group.ts'
import { zeroCounters } from '../../../src/core/sync/outcome.ts'
import type { Store } from '../../../src/store/store.ts'
import { waitFor } from '../../support/servers.ts'
import {
  couplingWrite,
  givenLease,
  givenWorkplace,
  issueWrite,
  newLine,
  newRun,
  outcome,
  unique,
  type Workplace,
} from '../../support/store-fixtures.ts'

const writes = [
  {
    sourceKey: 'text:A',
    sourceVersion: '7',
    sourceValues: { name: 'text:ä "quoted" \\ line\nbreak', note: null },
    destinationKey: null,
    token: 'token',
    expectedVersion: null,
    values: { name: 'text:A' },
  },
  {
    sourceKey: 'text:B',
    sourceVersion: '8',
    sourceValues: { name: 'text:B', note: 'text:' },
    destinationKey: 'int:1',
    token: null,
    expectedVersion: '3',
    values: { note: null, city: 'text:Aarhus' },
  },
  {
    sourceKey: 'text:C',
    sourceVersion: '9',
    sourceValues: { note: 'text:C', name: null },
    destinationKey: 'int:2',
    token: null,
    expectedVersion: '4',
    values: {},
  },
] as const

export function syncContract(store: () => Store): void {
  const only = async <T>(list: Promise<readonly T[]>): Promise<T> => {
    const [first, ...rest] = await list
    if (first === undefined || rest.length > 0) throw new Error('Not exactly one')
    return first
  }
  const openIntent = ({ mapping, jobId, fence }: Workplace, serverRunMs: number) =>
    store().sync.openIntent(fence, { mappingId: mapping.id, direction: 'to', jobId, writes, serverRunMs })
  const request = (place: Workplace, keys: readonly string[], changes: object = {}) => {
    const requests = keys.map((key) => ({
      direction: 'to' as const,
      key: `text:${key}`,
      force: false,
      createMissing: false,
      ...changes,
    }))
    const line = newLine(place.mapping, { selection: 'requests', requests })
    return store().runs.createRun(newRun(place.pair, [line], { kind: 'records' }))
  }

  describe('couplings', () => {
    it('what is committed is found from both sides, with its bases', async () => {
      const place = await givenWorkplace(store())
      const write = couplingWrite('A', 'B', { jobId: place.jobId, isRestored: true })
      await place.commit({ couplings: [write] })
      const found = await only(store().sync.findCouplings(place.mapping.id, 'local', ['text:A', 'text:none']))
      const { id: _id, bases, direction: _direction, jobId: _job, ...stored } = write
      expect(found).toEqual({ ...stored, id: found.id, mappingId: place.mapping.id })
      expect(await store().sync.findCouplings(place.mapping.id, 'remote', ['text:B'])).toEqual([found])
      expect(await store().sync.findCouplings(place.mapping.id, 'remote', ['text:A'])).toEqual([])
      expect(await store().sync.loadBases([found.id])).toEqual(new Map([[found.id, bases]]))
    })

    it('are known by those of other mappings that refer to their records: counted all, named a few', async () => {
      const people = await givenWorkplace(store())
      const customers = await givenWorkplace(store(), people.pair)
      await people.commit({ couplings: [couplingWrite('JO', 'Jo'), couplingWrite('AB', 'Ab')] })
      const refersTo = (references: Readonly<Record<string, string | null>>) => ({ references })
      const to = ['1', '2', '3', '4', '5', '6'].map((no) =>
        couplingWrite(no, `r${no}`, refersTo({ 'code → owner': 'text:Jo', 'other → x': 'text:JO' })),
      )
      const more = [
        // The same record in both directions counts once; a local reference is no remote one.
        couplingWrite('7', 'r7', refersTo({ 'code → owner': 'text:Jo', 'owner → code': 'text:JO' })),
        couplingWrite('8', 'r8', refersTo({ 'code → owner': 'text:JO', 'owner → code': null })),
        couplingWrite('9', 'r9', refersTo({})),
      ]
      await customers.commit({ couplings: [...to, ...more] })
      const couplings = await store().sync.findCouplings(people.mapping.id, 'local', ['text:JO', 'text:AB'])
      const referring = {
        mappingId: customers.mapping.id,
        name: 'CUSTOMERS',
        fields: { local: ['owner → code'], remote: ['code → owner'] },
      }
      const jo = couplings.find(({ local }) => local.key === 'text:JO')
      expect(await store().sync.findDependents(couplings, [referring])).toEqual(
        new Map([
          [
            jo?.id,
            [
              {
                mapping: 'CUSTOMERS',
                records: 7,
                names: ['text:1', 'text:2', 'text:3', 'text:4', 'text:5'],
              },
            ],
          ],
        ]),
      )
      expect(await store().sync.findDependents(couplings, [])).toEqual(new Map())
    })

    it('an update replaces what was stored, and hits exactly one coupling', async () => {
      const place = await givenWorkplace(store())
      await place.commit({ couplings: [couplingWrite('A', 'B'), couplingWrite('C', 'D')] })
      const found = await only(store().sync.findCouplings(place.mapping.id, 'local', ['text:A']))
      const changed = couplingWrite('A', 'B2', {
        id: found.id,
        generation: 2,
        bases: { local: {}, remote: {} },
      })
      await place.commit({ couplings: [changed] })
      const after = await only(store().sync.findCouplings(place.mapping.id, 'local', ['text:A']))
      expect(after).toMatchObject({ id: found.id, generation: 2, remote: { key: 'text:B2' } })
      expect(await store().sync.loadBases([found.id])).toEqual(
        new Map([[found.id, { local: {}, remote: {} }]]),
      )
      const lost = couplingWrite('X', 'Y', { id: found.id + 1_000_000 })
      await expect(place.commit({ couplings: [changed, lost] })).rejects.toThrow(/each coupling/)
    })

    it('a coupling of another mapping is neither found nor updated', async () => {
      const place = await givenWorkplace(store())
      const other = await givenWorkplace(store(), place.pair)
      await place.commit({ couplings: [couplingWrite('A', 'B')] })
      const found = await only(store().sync.findCouplings(place.mapping.id, 'local', ['text:A']))
      expect(await store().sync.findCouplings(other.mapping.id, 'local', ['text:A'])).toEqual([])
      const write = { ...couplingWrite('A', 'B'), id: found.id }
      await expect(other.commit({ couplings: [write] })).rejects.toThrow(/each coupling/)
    })

    it.each([
      ['local', couplingWrite('A', 'C')],
      ['remote', couplingWrite('C', 'B')],
    ])('a second coupling of the same %s record is refused, naming both (P3)', async (_side, second) => {
      const place = await givenWorkplace(store())
      await place.commit({ couplings: [couplingWrite('A', 'B')] })
      const commit = place.commit({
        couplings: [couplingWrite('E', 'F'), second],
        counters: new Map([[place.jobId, { read: 2 }]]),
      })
      await expect(commit).rejects.toMatchObject({
        code: 'ALREADY_COUPLED',
        message: expect.stringContaining('A ↔ B'),
        data: {
          localKey: second.local.key,
          remoteKey: second.remote.key,
          otherLocalKey: 'text:A',
          otherRemoteKey: 'text:B',
          otherMapping: place.mapping.definition.name,
        },
      })
      expect(await store().sync.findCouplings(place.mapping.id, 'local', ['text:E'])).toEqual([])
      expect((await store().runs.getRun(place.runId)).jobs[0]?.counters).toEqual(zeroCounters)
    })

    it('records of one page may hand their keys on to each other, in a row or in a circle, and to a new one', async () => {
      const place = await givenWorkplace(store())
      const names = ['A', 'B', 'C']
      await place.commit({ couplings: names.map((name) => couplingWrite(name, `r${name}`)) })
      const idsOf = async () => {
        const keys = names.map((name) => `text:${name}`)
        const found = await store().sync.findCouplings(place.mapping.id, 'local', keys)
        return new Map(found.map(({ local, remote, id }) => [local.key, { id, remote: remote.key }]))
      }
      const ids = await idsOf()
      const move = (name: string, remote: string) =>
        couplingWrite(name, remote, { id: ids.get(`text:${name}`)?.id ?? null })
      await place.commit({
        couplings: [move('A', 'rB'), move('B', 'rC'), move('C', 'rD'), couplingWrite('N', 'rA')],
      })
      await place.commit({ couplings: [move('A', 'rC'), move('B', 'rB')] })
      const after = [...(await idsOf())].map(([key, { remote }]) => `${key} ${remote}`)
      expect(after.sort()).toEqual(['text:A text:rC', 'text:B text:rB', 'text:C text:rD'])
      await expect(place.commit({ couplings: [move('A', 'rA')] })).rejects.toMatchObject({
        code: 'ALREADY_COUPLED',
        data: { localKey: 'text:A', otherLocalKey: 'text:N' },
      })
    })

    it('two couplings of one record in one page are refused, naming both', async () => {
      const place = await givenWorkplace(store())
      const couplings = [couplingWrite('A', 'B'), couplingWrite('C', 'D'), couplingWrite('A', 'E')]
      await expect(place.commit({ couplings })).rejects.toMatchObject({
        code: 'ALREADY_COUPLED',
        data: { localKey: 'text:A', remoteKey: 'text:E', otherRemoteKey: 'text:B' },
      })
    })

    it('mappings of one table share a group unless they name different ones', async () => {
      const place = await givenWorkplace(store())
      const rival = await givenWorkplace(store(), place.pair)
      const save = (changes: object) =>
        store().mappings.saveMapping({
          pairId: place.pair.id,
          definition: {
            ...rival.mapping.definition,
            local: place.mapping.definition.local,
            ...changes,
          },
          expectedVersion: null,
          selectionChanged: false,
          changedBy: 'test',
          reason: 'test',
        })
      await place.commit({ couplings: [couplingWrite('A', 'B')] })
      const group = exclusivityGroup(
        place.pair.localConnection.id,
        place.mapping.definition.local.table,
        undefined,
      )
      await save({})
      const taken = (mappingId: number) =>
        store().sync.findTaken(group, 'local', ['text:A', 'text:B'], mappingId)
      expect(await taken(rival.mapping.id)).toEqual(
        new Map([['text:A', `${place.mapping.definition.name} (with B)`]]),
      )
      expect(await taken(place.mapping.id)).toEqual(new Map())
      const second = { couplings: [couplingWrite('A', 'C')] }
      await expect(rival.commit(second)).rejects.toMatchObject({ code: 'ALREADY_COUPLED' })
      await save({ exclusivityGroup: 'resources' })
      await rival.commit(second)
    })

    it('references are resolved from both sides, the earliest coupling first', async () => {
      const place = await givenWorkplace(store())
      const named = (local: string, remote: string, reference: string) => {
        const write = couplingWrite(local, remote)
        return { ...write, local: { ...write.local, reference } }
      }
      await place.commit({ couplings: [named('1', 'R1', 'text:EUR'), named('2', 'R2', 'text:EUR')] })
      const { resolveReferences } = store().sync
      expect(await resolveReferences(place.mapping.id, 'local', ['text:EUR', 'text:1'])).toEqual(
        new Map([['text:EUR', { local: 'text:EUR', remote: 'text:R1' }]]),
      )
      expect(await resolveReferences(place.mapping.id, 'remote', ['text:R2'])).toEqual(
        new Map([['text:R2', { local: 'text:EUR', remote: 'text:R2' }]]),
      )
    })

    it('nothing asked is nothing found', async () => {
      const { sync } = store()
      expect(await sync.findCouplings(1, 'local', [])).toEqual([])
      expect(await sync.loadBases([])).toEqual(new Map())
      expect(await sync.findTaken('g', 'local', [], 1)).toEqual(new Map())
      expect(await sync.resolveReferences(1, 'local', [])).toEqual(new Map())
    })
  })

  describe('page commits (P7)', () => {
    it('an empty page needs the fence only', async () => {
      const place = await givenWorkplace(store())
      await expect(place.commit()).resolves.toBeUndefined()
    })

    it('counters add up over pages and jobs, and the ledger holds what was given', async () => {
      const place = await givenWorkplace(store())
      const second = (await store().runs.getRun(place.runId)).jobs[1]?.id ?? 0
      const written = outcome(place.jobId, 'A', {
        code: 'VALUE_TRUNCATED',
        errorKind: 'permanent',
        field: 'name',
        value: 'far, "far" too {long}',
        message: 'm',
        warnings: [{ code: 'VALUE_CUT', field: 'name', value: "'far, far away'", message: 'cut' }],
      })
      await place.commit({
        outcomes: [written, outcome(second, 'B', { kind: 'inserted', changes: [], recovered: true })],
        counters: new Map([
          [place.jobId, { read: 2, modified: 1, notCoupled: 1 }],
          [second, { read: 1, inserted: 1 }],
        ]),
      })
      await place.commit({ counters: new Map([[place.jobId, { read: 3, unchanged: 3, reread: 2 }]]) })
      const { jobs } = await store().runs.getRun(place.runId)
      expect(jobs[0]?.counters).toEqual({
        ...zeroCounters,
        read: 5,
        modified: 1,
        notCoupled: 1,
        unchanged: 3,
        reread: 2,
      })
      expect(jobs[1]?.counters).toEqual({ ...zeroCounters, read: 1, inserted: 1 })
      const query = { runId: place.runId, jobId: null, mapping: null, limit: 10, before: null }
      const ledger = await store().operations.listOutcomes(query)
      expect(ledger.map(({ localKey }) => localKey)).toEqual(['text:B', 'text:A'])
      expect(ledger[1]).toEqual({
        ...written,
        id: ledger[1]?.id,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        runId: place.runId,
        mappingName: place.mapping.definition.name,
      })
      expect(ledger[0]).toMatchObject({ recovered: true, changes: [], warnings: [] })
    })

    it('a page that fails at its last step has changed nothing', async () => {
      const place = await givenWorkplace(store())
      await request(place, ['A'])
      const inbox = await store().sync.findInbox(place.mapping.id, 'to', 10)
      const intent = await openIntent(place, 60_000)
      const broken = place.commit({
        couplings: [couplingWrite('A', 'B')],
        outcomes: [outcome(place.jobId, 'A')],
        counters: new Map([[place.jobId, { read: 1 }]]),
        checkpoint: {
          jobId: place.jobId,
          value: { cursor: 'c', ceiling: null, pages: 1, passDone: false },
        },
        watermark: { side: 'local', value: 'w', runId: place.runId },
        closeIntents: [intent],
        doneInbox: inbox,
        openIssues: [issueWrite(place.jobId, 'A', { waitsFor: 'no reference name' })],
      })
      await expect(broken).rejects.toThrow()
      const { jobs } = await store().runs.getRun(place.runId)
      expect(jobs[0]).toMatchObject({ counters: zeroCounters, checkpoint: null })
      expect(await store().mappings.getMappingById(place.mapping.id)).toEqual(place.mapping)
      expect(await store().sync.findOpenIntents(place.mapping.id)).toHaveLength(1)
      expect(await store().sync.findInbox(place.mapping.id, 'to', 10)).toEqual(inbox)
      expect(await store().sync.findCouplings(place.mapping.id, 'local', ['text:A'])).toEqual([])
    })

    it('keeps the checkpoint, the watermark with its run, and the generation that was scanned', async () => {
      const place = await givenWorkplace(store())
      const checkpoint = { cursor: 'c|"x"', ceiling: '2024-05-01T10:00:00.123456Z', pages: 3, passDone: true }
      await place.commit({
        checkpoint: { jobId: place.jobId, value: checkpoint },
        watermark: { side: 'remote', value: 'opaque|2024-05-01 10:00:00.123456', runId: place.runId },
        scannedGeneration: 1,
      })
      expect((await store().runs.getRun(place.runId)).jobs[0]?.checkpoint).toEqual(checkpoint)
      expect(await store().mappings.getMappingById(place.mapping.id)).toMatchObject({
        localWatermark: null,
        remoteWatermark: 'opaque|2024-05-01 10:00:00.123456',
        remoteWatermarkRun: place.runId,
        scannedGeneration: 1,
      })
      await place.commit({ scannedGeneration: 0 })
      expect((await store().mappings.getMappingById(place.mapping.id)).scannedGeneration).toBe(1)
    })
  })

  describe('page intents (architecture §4.2)', () => {
    it('an intent stays open until a commit settles it', async () => {
      const place = await givenWorkplace(store())
      const intent = await openIntent(place, 60_000)
      expect(await store().sync.findOpenIntents(place.mapping.id)).toEqual([
        {
          id: intent,
          direction: 'to',
          jobId: place.jobId,
          writes,
          settledOnce: false,
          isPast: false,
          openedAt: expect.any(String),
          searchFrom: null,
        },
      ])
      await place.commit({ keepForLastLook: [intent] })
      expect(await only(store().sync.findOpenIntents(place.mapping.id))).toMatchObject({ settledOnce: true })
      await place.commit({ closeIntents: [intent] })
      expect(await store().sync.findOpenIntents(place.mapping.id)).toEqual([])
    })

    it('keeps from where what it creates is looked for', async () => {
      const { mapping, jobId, fence } = await givenWorkplace(store())
      const intent = { mappingId: mapping.id, direction: 'to', jobId, writes, serverRunMs: 1_000 } as const
      await store().sync.openIntent(fence, { ...intent, searchFrom: '{"field":"modified"}' })
      expect(await only(store().sync.findOpenIntents(mapping.id))).toMatchObject({
        searchFrom: '{"field":"modified"}',
      })
    })

    it('past its deadline it is due work', async () => {
      const place = await givenWorkplace(store())
      await openIntent(place, 60_000)
      expect(await store().sync.hasDueWork(place.mapping.id)).toBe(false)
      await openIntent({ ...place, fence: await givenLease(store(), [unique('r')], 500) }, 1)
      await waitFor('the deadline', () => store().sync.hasDueWork(place.mapping.id))
      const intents = await store().sync.findOpenIntents(place.mapping.id)
      expect(intents.map(({ isPast }) => isPast)).toEqual([false, true])
    })

    it('P2: its deadline moves on with every renewal of the lease, however long the write takes', async () => {
      const place = await givenWorkplace(store())
      const [short, other] = await Promise.all([
        givenLease(store(), [unique('r')], 500),
        givenLease(store(), [unique('r')], 500),
      ])
      const long = await openIntent({ ...place, fence: short }, 1)
      await openIntent({ ...place, fence: other }, 1)
      expect(await store().leases.renew(short, 60_000)).toBe(true)
      await waitFor('the deadline', () => store().sync.hasDueWork(place.mapping.id))
      const intents = await store().sync.findOpenIntents(place.mapping.id)
      expect(intents.map(({ id, isPast }) => (id === long ? !isPast : isPast))).toEqual([true, true])
    })
  })

  describe('inbox (architecture §5.2)', () => {
    it('a record asked for twice is one row for both jobs, forced if one of them forces', async () => {
      const place = await givenWorkplace(store())
      await request(place, ['A', 'B'])
      await request(place, ['A'], { force: true, createMissing: true })
      const rows = await store().sync.findInbox(place.mapping.id, 'to', 10)
      expect(rows.map(({ key }) => key)).toEqual(['text:B', 'text:A'])
      expect(rows[0]).toMatchObject({ force: false, createMissing: false })
      expect(rows[1]).toMatchObject({ force: true, createMissing: true })
      expect(rows[1]?.jobIds).toHaveLength(2)
      expect(await store().sync.findInbox(place.mapping.id, 'from', 10)).toEqual([])
      expect(await store().sync.findInbox(place.mapping.id, 'to', 1)).toHaveLength(1)
      expect(await store().sync.hasDueWork(place.mapping.id)).toBe(true)
    })

    it('the same record twice in one request is one row', async () => {
      const place = await givenWorkplace(store())
      await request(place, ['A', 'A'])
      expect(await store().sync.findInbox(place.mapping.id, 'to', 10)).toHaveLength(1)
    })

    it('a record asked for again while a page works on it stays in the inbox', async () => {
      const place = await givenWorkplace(store())
      await request(place, ['A', 'B'])
      const seen = await store().sync.findInbox(place.mapping.id, 'to', 10)
      await request(place, ['A'])
      await place.commit({ doneInbox: seen })
      const [left, ...rest] = await store().sync.findInbox(place.mapping.id, 'to', 10)
      expect(rest).toEqual([])
      expect(left?.key).toBe('text:A')
      expect(BigInt(left?.seq ?? 0)).toBeGreaterThan(BigInt(seen[1]?.seq ?? 0))
      await place.commit({ doneInbox: left ? [left] : [] })
      expect(await store().sync.hasDueWork(place.mapping.id)).toBe(false)
    })
  })
}
