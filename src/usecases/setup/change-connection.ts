import { judgeConnectionChange, type SettingProblem } from '../../core/connection-change.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { addConnection, tryConnection } from './connections.ts'

/** A connection as somebody wants it who does not rule the environment. */
export interface ConnectionWish {
  readonly name: string
  readonly kind: string
  readonly settings: Readonly<Record<string, string>>
  /** In clear text. */
  readonly secrets: Readonly<Record<string, string>>
  /** It is tried, and not stored. */
  readonly dryRun: boolean
}

/** What the environment says about secrets. */
export interface SecretRules {
  /** Seals a secret for the connection of this name. Throws CONFIG_INVALID where nothing can be sealed. */
  readonly seal: (secret: string, connection: string) => string
  /** References that may be named; with a star at the end all that begin so. */
  readonly allowed: readonly string[]
}

/**
 * Stores a connection, or changes it, as `addConnection` does, with what may be named over HTTP (`judgeConnectionChange`). Throws
 * REFERENCE_REFUSED, with every setting that is refused, and what `addConnection` throws.
 */
export async function changeConnection(
  { name, kind, settings, secrets, dryRun }: ConnectionWish,
  act: Act,
  { seal, allowed }: SecretRules,
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<Omit<ConnectionRecord, 'id'>> {
  const all = await deps.stores.mappings.listConnections()
  const before = all.find((each) => each.name === name) ?? null
  const judged = judgeConnectionChange(before, { kind, settings, secrets: Object.keys(secrets) }, allowed)
  if (judged.problems.length > 0) throw refused(name, judged.problems)
  const sealed = Object.entries(secrets).map(([setting, secret]) => [setting, seal(secret, name)] as const)
  const connection = { name, kind, settings: { ...judged.settings, ...Object.fromEntries(sealed) } }
  if (dryRun) await tryConnection(connection, deps)
  else await addConnection(connection, act, deps)
  return connection
}

function refused(name: string, problems: readonly SettingProblem[]): SyncError {
  const list = problems.map(({ setting, reason }) => `${setting} ${reason}`).join('; ')
  return new SyncError('REFERENCE_REFUSED', `Connection ${name}: ${list}`, { data: { connection: name } })
}
