import type { Pause, PauseScope } from '../../core/control/pause.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Deps } from '../deps.ts'
import { getConnection } from '../setup/connections.ts'

/** What is to be paused or resumed, as people name it. */
export type NamedScope =
  | { readonly everything: true }
  | { readonly connection: string }
  | { readonly pairId: number; readonly mapping: string }

type ControlDeps = Pick<Deps, 'stores' | 'clock'>

/**
 * Pauses a mapping, a connection with all mappings that use it, or everything: lines stop between two pages and wait; requests are taken
 * and wait, too. `automatic`: a rule does (its name is `act.by`); it never replaces the pause of a person. `until`: an instant at which it
 * ends by itself. Throws MAPPING_UNKNOWN, CONNECTION_UNKNOWN, REQUEST_INVALID.
 */
export async function pauseWork(
  what: NamedScope,
  how: { readonly cause: Pause['cause']; readonly until: string | null },
  act: Act,
  deps: ControlDeps,
): Promise<Pause> {
  const reason = act.reason?.trim() ?? ''
  if (reason === '')
    throw new SyncError('REQUEST_INVALID', 'reason: say why; it is shown wherever somebody asks')
  const { until } = how
  if (until !== null && !(Date.parse(until) > deps.clock.now().getTime()))
    throw new SyncError('REQUEST_INVALID', `until '${until}': must be a time that is still to come`)
  return deps.stores.control.pause(await scopeOf(what, deps), { ...how, reason }, act)
}

/**
 * Ends a pause; what waits goes on within seconds, slots that were missed are made up for as their schedule says. Throws NOT_PAUSED,
 * MAPPING_UNKNOWN, CONNECTION_UNKNOWN.
 */
export async function resumeWork(what: NamedScope, act: Act, deps: Pick<Deps, 'stores'>): Promise<void> {
  if (await deps.stores.control.resume(await scopeOf(what, deps), act)) return
  throw new SyncError('NOT_PAUSED', `${nameOf(what)} is not paused`)
}

async function scopeOf(what: NamedScope, deps: Pick<Deps, 'stores'>): Promise<PauseScope> {
  if ('everything' in what) return { scope: 'everything' }
  if ('connection' in what)
    return { scope: 'connection', connectionId: (await getConnection(what.connection, deps)).id }
  const { id } = await deps.stores.mappings.getMapping(what.pairId, what.mapping)
  return { scope: 'mapping', mappingId: id }
}

function nameOf(what: NamedScope): string {
  if ('everything' in what) return 'Everything'
  return 'connection' in what ? `Connection ${what.connection}` : `Mapping ${what.mapping}`
}
