import { step } from '../../../src/core/control/breaker.ts'
import type { Pause, PauseScope } from '../../../src/core/control/pause.ts'
import type { ControlStore } from '../../../src/core/ports/control-store.ts'
import type { Clock } from '../../../src/core/ports/runtime.ts'
import type { Tables } from './tables.ts'

type PauseRow = Omit<Pause, 'name'>

export function createControlStore(tables: Tables, clock: Clock): ControlStore {
  const holds = ({ until }: PauseRow) => until === null || until > tables.now()
  return {
    pause: async (what, how, { by }) => {
      const known = tables.pauses.find((row) => isIt(row, what))
      const isKept =
        known !== undefined && how.cause === 'automatic' && known.cause === 'person' && holds(known)
      if (isKept) return named(tables, known)
      tables.pauses.removeWhere((row) => isIt(row, what))
      return named(tables, tables.pauses.insert({ ...idsOf(what), ...how, by, at: tables.now() }))
    },
    resume: async (what) => tables.pauses.removeWhere((row) => isIt(row, what)).length > 0,
    listPauses: async () => tables.pauses.where(holds).map((row) => named(tables, row)),
    endPauses: async () => tables.pauses.removeWhere((row) => !holds(row)).length,
    turnBreaker: async (connectionId, event) => {
      const before = tables.breakers.get(connectionId) ?? { state: 'closed' }
      const { state, answer } = step(before, event, clock.now().getTime())
      tables.breakers.set(connectionId, state)
      return answer
    },
    listBreakers: async () =>
      [...tables.breakers]
        .filter(([, { state }]) => state !== 'closed')
        .map(([connectionId, state]) => ({
          connectionId,
          connection: tables.connections.get(connectionId, 'connection').name,
          state,
        })),
  }
}

const idsOf = (what: PauseScope) => ({
  scope: what.scope,
  connectionId: what.scope === 'connection' ? what.connectionId : null,
  mappingId: what.scope === 'mapping' ? what.mappingId : null,
})

function isIt(row: PauseRow, what: PauseScope): boolean {
  const { scope, connectionId, mappingId } = idsOf(what)
  return row.scope === scope && row.connectionId === connectionId && row.mappingId === mappingId
}

function named(tables: Tables, row: PauseRow): Pause {
  const ofConnection = row.connectionId === null ? undefined : tables.connections.byId(row.connectionId)?.name
  const ofMapping = row.mappingId === null ? undefined : tables.mappingName(row.mappingId)
  return { ...row, name: ofConnection ?? ofMapping ?? null }
}
