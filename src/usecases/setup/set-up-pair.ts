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

/** Saves both connections (named `<pair>-local` and `<pair>-remote`) and the pair, and checks that both answer. */
export async function setUpPair(
  setup: { readonly name: string; readonly local: SideSetup; readonly remote: SideSetup },
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<Pair> {
  for (const side of ['local', 'remote'] as const) {
    const { kind, url, schema } = setup[side]
    const connection = { id: 0, name: `${setup.name}-${side}`, kind, settings: { url, schema } }
    const connector = await deps.connect(connection)
    await connector.check(AbortSignal.timeout(15_000))
    await deps.stores.mappings.saveConnection({ name: connection.name, kind, settings: connection.settings })
  }
  return deps.stores.mappings.savePair({
    name: setup.name,
    local: { connection: `${setup.name}-local`, company: setup.local.company },
    remote: { connection: `${setup.name}-remote`, company: setup.remote.company },
  })
}
