import type { Pair } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'

export interface SideSetup {
  /** Kind of system: the connector that is used. */
  readonly kind: string
  /** `env:NAME` or `file:/path`: where the address with its password stands. Never the address itself. */
  readonly url: string
  readonly schema: string
  readonly company: string
}

/**
 * Saves both connections (named `<pair>-local` and `<pair>-remote`) and the pair, after both have answered: a side that
 * does not answer leaves everything as it was.
 */
export async function setUpPair(
  setup: { readonly name: string; readonly local: SideSetup; readonly remote: SideSetup },
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<Pair> {
  const connections = (['local', 'remote'] as const).map((side) => {
    const { kind, url, schema } = setup[side]
    return { name: `${setup.name}-${side}`, kind, settings: { url, schema } }
  })
  for (const connection of connections) {
    const connector = await deps.connect({ id: 0, ...connection })
    await connector.check(AbortSignal.timeout(15_000))
  }
  for (const connection of connections) await deps.stores.mappings.saveConnection(connection)
  return deps.stores.mappings.savePair({
    name: setup.name,
    local: { connection: `${setup.name}-local`, company: setup.local.company },
    remote: { connection: `${setup.name}-remote`, company: setup.remote.company },
  })
}
