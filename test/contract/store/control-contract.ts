import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { waitFor } from '../../support/servers.ts'
import { givenMapping, givenPair } from '../../support/store-fixtures.ts'

const act = { by: 'anna', reason: null }
const byPerson = { cause: 'person', until: null, reason: 'month end' } as const
const byRule = { cause: 'automatic', until: null, reason: 'too many failures' } as const

export function controlContract(store: () => Store): void {
  const mine = async (mappingId: number) =>
    (await store().control.listPauses()).filter((pause) => pause.mappingId === mappingId)

  describe('pauses', () => {
    const given = async () => {
      const mapping = await givenMapping(store(), await givenPair(store()), 'M')
      return { mapping, what: { scope: 'mapping', mappingId: mapping.id } as const }
    }

    it('is one for each thing, with who, why and since when, until it is resumed', async () => {
      const { mapping, what } = await given()
      await store().control.pause(what, { ...byPerson, reason: 'first' }, act)
      const pause = await store().control.pause(what, byPerson, { by: 'bert', reason: null })
      expect(pause).toMatchObject({
        scope: 'mapping',
        name: 'M',
        cause: 'person',
        by: 'bert',
        reason: 'month end',
      })
      expect(await mine(mapping.id)).toEqual([pause])
      expect(await store().control.resume(what, act)).toBe(true)
      expect(await store().control.resume(what, act)).toBe(false)
      expect(await mine(mapping.id)).toEqual([])
    })

    it('a rule never replaces the pause of a person, and a person that of a rule', async () => {
      const { what } = await given()
      await store().control.pause(what, byPerson, act)
      expect(await store().control.pause(what, byRule, { by: 'rule', reason: null })).toMatchObject({
        by: 'anna',
      })
      await store().control.resume(what, act)
      await store().control.pause(what, byRule, { by: 'rule', reason: null })
      expect(await store().control.pause(what, byPerson, act)).toMatchObject({ by: 'anna', cause: 'person' })
      await store().control.resume(what, act)
    })

    it('holds until its time, and is cleared away then', async () => {
      const { mapping, what } = await given()
      await store().control.pause(what, { ...byPerson, until: new Date(Date.now() + 50).toISOString() }, act)
      await waitFor('its time is over', async () => (await mine(mapping.id)).length === 0)
      expect(await store().control.endPauses()).toBe(1)
      expect(await store().control.endPauses()).toBe(0)
    })
  })

  describe('the circuit breaker of a connection', () => {
    const refused = { code: 'CONNECTION_REFUSED', kind: 'transient', message: 'nobody answers' } as const
    const failed = { event: 'failed', failure: refused, random: 1 } as const
    const ask = (by: string) => ({ event: 'ask', by, insists: false }) as const

    it('is closed until something fails, and then the same for everybody', async () => {
      const { localConnection: connection } = await givenPair(store())
      const { control } = store()
      const state = async () =>
        (await control.listBreakers()).find(({ connectionId }) => connectionId === connection.id)
      expect(await control.turnBreaker(connection.id, ask('one'))).toEqual({ answer: 'go', isTrial: false })
      expect(await state()).toBeUndefined()
      await control.turnBreaker(connection.id, failed)
      expect(await control.turnBreaker(connection.id, ask('one'))).toMatchObject({
        answer: 'no',
        last: refused,
      })
      expect(await state()).toMatchObject({
        connection: connection.name,
        state: { state: 'open', failures: 1 },
      })
      const insisting = await Promise.all(
        ['one', 'two', 'three'].map((by) =>
          control.turnBreaker(connection.id, { ...ask(by), insists: true }),
        ),
      )
      expect(insisting).toEqual(insisting.map(() => ({ answer: 'go', isTrial: true })))
      expect(await control.turnBreaker(connection.id, ask('four'))).toMatchObject({ answer: 'no' })
      await control.turnBreaker(connection.id, { event: 'succeeded' })
      expect(await state()).toBeUndefined()
    })
  })
}
