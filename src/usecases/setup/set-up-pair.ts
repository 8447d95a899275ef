import type { Side } from '../../core/mapping/definition.ts'
import type { ConnectionRecord, Pair } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { checkAnswer, getConnection } from './connections.ts'

export interface SideSetup {
  /** Kind of system: the connector that is used. */
  readonly kind: string
  /** `env:NAME` or `file:/path`: where the address with its password stands, never the address itself; or `connection:NAME`. */
  readonly url: string
  readonly schema: string
  readonly company: string
}

/**
 * Saves both connections (named `<pair>-local` and `<pair>-remote`, unless one is named that is there already) and the pair,
 * after both have answered: a side that does not answer leaves everything as it was.
 */
export async function setUpPair(
  setup: { readonly name: string; readonly local: SideSetup; readonly remote: SideSetup },
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<Pair> {
  const local = await findSide(setup, 'local', deps)
  const remote = await findSide(setup, 'remote', deps)
  for (const { record } of [local, remote]) await checkAnswer(record, 15_000, deps)
  for (const { record, isNew } of [local, remote]) {
    const { id: _unknown, ...connection } = record
    if (isNew) await deps.stores.mappings.saveConnection(connection)
  }
  return deps.stores.mappings.savePair({
    name: setup.name,
    local: { connection: local.record.name, company: setup.local.company },
    remote: { connection: remote.record.name, company: setup.remote.company },
  })
}

const existing = 'connection:'

async function findSide(
  setup: Parameters<typeof setUpPair>[0],
  side: Side,
  deps: Pick<Deps, 'stores'>,
): Promise<{ readonly record: ConnectionRecord; readonly isNew: boolean }> {
  const { kind, url, schema } = setup[side]
  if (url.startsWith(existing))
    return { record: await getConnection(url.slice(existing.length), deps), isNew: false }
  return { record: { id: 0, name: `${setup.name}-${side}`, kind, settings: { url, schema } }, isNew: true }
}
