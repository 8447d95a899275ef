import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { waitFor } from '../../support/servers.ts'
import { givenLease, givenWorkplace, outcome, unique } from '../../support/store-fixtures.ts'

/** P2: one writer. */
export function leaseContract(store: () => Store): void {
  const acquire = (resources: readonly string[], ttlMs = 60_000, holder = 'other') =>
    store().leases.acquire({ resources, holder, ttlMs })
  const takeOver = (resource: string) =>
    waitFor('the lease expires', async () => {
      const acquisition = await acquire([resource])
      return acquisition.acquired && acquisition.fence
    })

  describe('leases (P2)', () => {
    it('a lease that is held is not given to another, who learns its holder and its rest', async () => {
      const resource = unique('r')
      await acquire([resource], 60_000, 'first')
      const second = await acquire([resource])
      expect(second).toMatchObject({ acquired: false, holder: 'first' })
      if (second.acquired) throw new Error('acquired')
      expect(second.expiresInMs).toBeGreaterThan(50_000)
      expect(second.expiresInMs).toBeLessThanOrEqual(60_000)
    })

    it('an expired lease is taken over with a larger token, and the old holder can do nothing with it', async () => {
      const resource = unique('r')
      const old = await givenLease(store(), [resource], 50)
      const fence = await takeOver(resource)
      expect(BigInt(fence.token)).toBeGreaterThan(BigInt(old.token))
      expect(await store().leases.renew(old, 60_000)).toBe(false)
      await store().leases.release(old)
      expect(await acquire([resource])).toMatchObject({ acquired: false })
    })

    it('an expired lease cannot be renewed even if nobody has taken it', async () => {
      const fence = await givenLease(store(), [unique('r')], 1)
      await waitFor('the lease expires', async () => !(await store().leases.renew(fence, 1)))
      expect(await store().leases.renew(fence, 60_000)).toBe(false)
    })

    it('a renewed lease lives longer', async () => {
      const resource = unique('r')
      const fence = await givenLease(store(), [resource], 1_000)
      expect(await store().leases.renew(fence, 60_000)).toBe(true)
      const other = await acquire([resource])
      expect(other).toMatchObject({ acquired: false })
      if (!other.acquired) expect(other.expiresInMs).toBeGreaterThan(30_000)
    })

    it('a released lease is free at once, and its token is worth nothing any more', async () => {
      const place = await givenWorkplace(store())
      await store().leases.release(place.fence)
      await expect(place.commit()).rejects.toMatchObject({ code: 'LEASE_LOST' })
      expect(await acquire(place.fence.resources)).toMatchObject({ acquired: true })
    })

    it('says whether one is held, until it is given back or has expired', async () => {
      const [given, expired] = [unique('r'), unique('r')]
      expect(await store().leases.isHeld(given)).toBe(false)
      const fence = await givenLease(store(), [given], 60_000)
      expect(await store().leases.isHeld(given)).toBe(true)
      await store().leases.release(fence)
      expect(await store().leases.isHeld(given)).toBe(false)
      await givenLease(store(), [expired], 1)
      await waitFor('the lease expires', async () => !(await store().leases.isHeld(expired)))
    })

    it('says who did not give it back, and nothing when it was given back', async () => {
      const resource = unique('r')
      expect(await acquire([resource], 1, 'dead')).toMatchObject({ takenOverFrom: null })
      const taken = await waitFor('the lease expires', async () => {
        const acquisition = await acquire([resource], 60_000, 'next')
        return acquisition.acquired && acquisition
      })
      expect(taken).toMatchObject({ takenOverFrom: 'dead' })
      await store().leases.release(taken.fence)
      expect(await acquire([resource])).toMatchObject({ takenOverFrom: null })
    })

    it('a takeover is counted for the running jobs of the mapping, and for no others (P10)', async () => {
      const place = await givenWorkplace(store())
      await store().runs.startJob(place.jobId, place.fence, null)
      await store().runs.recordTakeover(place.mapping.id, place.fence, 'dead')
      const { jobs } = await store().runs.getRun(place.runId)
      expect(jobs.map(({ id, takeovers }) => [id === place.jobId, takeovers])).toEqual([
        [true, 1],
        [false, 0],
      ])
      await store().leases.release(place.fence)
      const late = store().runs.recordTakeover(place.mapping.id, place.fence, 'dead')
      await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' })
    })

    it('takes all resources or none', async () => {
      const [a, b] = [unique('r'), unique('r')]
      await acquire([b])
      expect(await acquire([a, b])).toMatchObject({ acquired: false })
      expect(await acquire([a])).toMatchObject({ acquired: true })
    })

    it('a fence that has lost one of its resources cannot be renewed', async () => {
      const [a, b] = [unique('r'), unique('r')]
      const fence = await givenLease(store(), [a, b])
      await store().leases.release({ resources: [b], token: fence.token })
      expect(await store().leases.renew(fence, 60_000)).toBe(false)
    })

    it('of many takers at once exactly one gets it', async () => {
      const [a, b] = [unique('r'), unique('r')]
      const takers = Array.from({ length: 8 }, (_, index) => acquire(index % 2 ? [a, b] : [b, a]))
      const acquired = (await Promise.all(takers)).filter((taker) => taker.acquired)
      expect(acquired).toHaveLength(1)
    })

    it('a page of a worker whose lease was taken over changes nothing', async () => {
      const place = await givenWorkplace(store())
      await store().leases.release(place.fence)
      const next = await givenLease(store(), place.fence.resources)
      const page = { outcomes: [outcome(place.jobId, 'A')], counters: new Map([[place.jobId, { read: 1 }]]) }
      await expect(place.commit(page)).rejects.toMatchObject({ code: 'LEASE_LOST', kind: 'lost-lease' })
      expect((await store().runs.getRun(place.runId)).jobs[0]?.counters.read).toBe(0)
      await place.commit(page, next)
      expect((await store().runs.getRun(place.runId)).jobs[0]?.counters.read).toBe(1)
    })

    it('every write of a worker repeats the fence', async () => {
      const place = await givenWorkplace(store())
      await store().leases.release(place.fence)
      const { runs, sync } = store()
      const intent = { mappingId: place.mapping.id, direction: 'to', jobId: place.jobId } as const
      const lost = { code: 'LEASE_LOST' }
      await expect(runs.startJob(place.jobId, place.fence, null)).rejects.toMatchObject(lost)
      await expect(runs.finishJob(place.jobId, place.fence, 'succeeded', null)).rejects.toMatchObject(lost)
      await expect(runs.finishLine(place.lineId, 'finished', null, place.fence)).rejects.toMatchObject(lost)
      await expect(
        sync.openIntent(place.fence, { ...intent, writes: [], serverRunMs: 1_000 }),
      ).rejects.toMatchObject(lost)
    })

    it('a fence must hold all its resources, and one without resources holds nothing', async () => {
      const place = await givenWorkplace(store())
      const { token, resources } = place.fence
      const wider = { token, resources: [...resources, unique('r')] }
      await expect(place.commit({}, wider)).rejects.toMatchObject({ code: 'LEASE_LOST' })
      await expect(place.commit({}, { token, resources: [] })).rejects.toMatchObject({ code: 'LEASE_LOST' })
    })
  })
}
