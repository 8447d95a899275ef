import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { givenMapping, givenPair, newLine, newRun, unique } from '../../support/store-fixtures.ts'

const act = { by: 'anna', reason: 'test' }

export function scheduleContract(store: () => Store): void {
  describe('schedules', () => {
    const given = async (more: object = {}) => {
      const pair = await givenPair(store())
      const saved = await store().schedules.save(
        { pairId: pair.id, name: unique('s'), everyMinutes: 30, ...more },
        act,
      )
      return { pair, saved, named: { pairId: pair.id, name: saved.name } }
    }

    it('is saved by pair and name, changed by what is given, and removed', async () => {
      const { saved, named } = await given()
      expect(saved).toMatchObject({
        kind: 'modified',
        mapping: null,
        everyMinutes: 30,
        cron: null,
        enabled: true,
      })
      expect(saved).toMatchObject({
        overlap: 'merge',
        catchUp: 'once',
        timeZone: 'UTC',
        pause: null,
        blackouts: [],
      })
      const window = {
        weekdays: [1, 5],
        windowFrom: '06:00',
        windowTo: '22:30',
        timeZone: 'Europe/Copenhagen',
      }
      const changed = await store().schedules.save({ ...named, ...window, inactivityMinutes: 720 }, null)
      expect(changed).toEqual({
        ...saved,
        ...window,
        inactivityMinutes: 720,
        settledUntil: changed.settledUntil,
      })
      expect(await store().schedules.list()).toContainEqual(changed)
      expect(await store().schedules.find(saved.id)).toEqual(changed)
      expect(await store().schedules.remove(named, act)).toBe(true)
      expect(await store().schedules.remove(named, act)).toBe(false)
      expect(await store().schedules.find(saved.id)).toBeNull()
    })

    it('is made once and not brought back, whoever asks at the same moment', async () => {
      const { saved, named } = await given()
      const save = (target: 'new' | 'existing', write: object = { everyMinutes: 7 }) =>
        store().schedules.save({ ...named, ...write }, act, target)
      await expect(save('new')).rejects.toMatchObject({ code: 'SCHEDULE_EXISTS' })
      expect(await store().schedules.find(saved.id)).toEqual(saved)
      expect(await save('existing')).toMatchObject({ id: saved.id, everyMinutes: 7 })
      await store().schedules.remove(named, act)
      await expect(save('existing')).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
      const made = await Promise.allSettled([5, 6, 7].map((everyMinutes) => save('new', { everyMinutes })))
      expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    })

    it('names the mapping it is for, which must exist in the pair', async () => {
      const pair = await givenPair(store())
      const ofMapping = {
        kind: 'mapping',
        pairId: pair.id,
        name: unique('s'),
        mapping: 'M',
        everyMinutes: 5,
      } as const
      await expect(store().schedules.save(ofMapping, act)).rejects.toMatchObject({ code: 'MAPPING_UNKNOWN' })
      await givenMapping(store(), pair, 'M')
      expect(await store().schedules.save(ofMapping, act)).toMatchObject({ mapping: 'M' })
    })

    it('settles slots forwards only, and begins anew when its timing is changed', async () => {
      const { saved, named } = await given()
      const settle = (slot: string | null, decision: 'started' | 'merged' | 'idle') =>
        store().schedules.settle({ scheduleId: saved.id, slot, decision, seen: decision })
      const now = async () => store().schedules.find(saved.id)
      await settle('2040-01-01T00:00:00.000Z', 'started')
      await settle('2039-01-01T00:00:00.000Z', 'idle')
      const settledUntil = '2040-01-01T00:00:00.000000Z'
      expect(await now()).toMatchObject({
        settledUntil,
        lastDecision: 'started',
        isPending: false,
        seen: 'started',
      })
      await settle(null, 'merged')
      expect(await now()).toMatchObject({ settledUntil, lastDecision: 'merged', isPending: true })
      const other = await given()
      await store().schedules.settle({
        scheduleId: other.saved.id,
        slot: other.saved.settledUntil,
        decision: 'idle',
      })
      const retimed = await store().schedules.save({ ...other.named, everyMinutes: 7 }, act)
      expect(retimed.settledUntil > other.saved.settledUntil).toBe(true)
      expect((await store().schedules.save({ ...named, enabled: false }, act)).settledUntil).toBe(
        settledUntil,
      )
    })

    it('is paused with reason and person, once, and resumed', async () => {
      const { saved } = await given()
      const pause = (isPaused: boolean) => store().schedules.setPaused(saved.id, isPaused, true, act)
      expect([await pause(false), await pause(true), await pause(true)]).toEqual([false, true, false])
      expect((await store().schedules.find(saved.id))?.pause).toMatchObject({ by: 'anna', reason: 'test' })
      expect(await pause(false)).toBe(true)
      const resumed = await store().schedules.find(saved.id)
      expect(resumed?.pause).toBeNull()
      expect(resumed && resumed.settledUntil > saved.settledUntil).toBe(true)
    })

    it('knows its last run, the one that goes on first, and its runs outlive it', async () => {
      const { pair, saved, named } = await given()
      const mapping = await givenMapping(store(), pair)
      expect(await store().schedules.findLastRun(saved.id)).toBeNull()
      const slot = { scheduleId: saved.id, slot: '2024-05-01T10:00Z' }
      const { run } = await store().runs.createRun(newRun(pair, [newLine(mapping)], slot))
      expect(await store().schedules.findLastRun(saved.id)).toMatchObject({ runId: run.id, isOver: false })
      const what = { scope: 'mapping', mappingId: mapping.id } as const
      await store().control.pause(what, { cause: 'person', until: null, reason: 'test' }, act)
      expect(await store().schedules.findLastRun(saved.id)).toMatchObject({ runId: run.id, isOver: true })
      await store().control.resume(what, act)
      await store().runs.createRun(newRun(pair, [newLine(mapping)], { ...slot, slot: '2024-05-01T11:00Z' }))
      await store().runs.cancelRun(run.id, act)
      expect((await store().schedules.findLastRun(saved.id))?.runId).not.toBe(run.id)
      await store().schedules.remove(named, act)
      expect((await store().runs.getRun(run.id)).run).toMatchObject({ scheduleId: null, slot: slot.slot })
    })

    it('has the blackouts of its calendar', async () => {
      const calendar = unique('calendar')
      const { saved } = await given({ calendar })
      const [from, to] = ['2026-12-24T00:00:00.000000Z', '2026-12-27T00:00:00.000000Z']
      const entry = await store().schedules.addBlackout({ calendar, from, to, reason: 'Christmas' }, act)
      expect((await store().schedules.find(saved.id))?.blackouts).toEqual([{ from, to, reason: 'Christmas' }])
      expect(await store().schedules.listCalendar()).toContainEqual(entry)
      expect(await store().schedules.removeBlackout(entry.id, act)).toBe(true)
      expect(await store().schedules.removeBlackout(entry.id, act)).toBe(false)
      expect((await store().schedules.find(saved.id))?.blackouts).toEqual([])
    })
  })
}
