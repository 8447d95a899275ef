import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import type { ConnectorModule } from '../connectors/contract/connector-module.ts'
import { connectorKit } from '../connectors/contract/kit.ts'
import { SyncError } from '../core/errors.ts'
import type { Connector } from '../core/ports/connector.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'
import { exportsOf, memberOf, reasonOf, runModule } from './run-module.ts'

/** Runs a file with a connector of one's own. Throws CONFIG_INVALID when it cannot be run, or exports none. */
export async function loadConnectorModule(path: string): Promise<ConnectorModule> {
  const exported = await runModule(path).catch((error: unknown) => {
    throw new SyncError('CONFIG_INVALID', `The file ${path} cannot be run (${reasonOf(error)})`, {
      cause: error,
    })
  })
  const found = memberOf(exportsOf(exported), 'connector')
  if (isConnectorModule(found)) return found
  const message = `The file ${path} does not export a \`connector\` with a function \`connect\` (docs/connectors.md)`
  throw new SyncError('CONFIG_INVALID', message)
}

function isConnectorModule(value: unknown): value is ConnectorModule {
  return typeof memberOf(value, 'connect') === 'function'
}

/** Opens a connection of kind `module`: its setting `module` names a file of the folder for them. */
export async function openModuleConnection(
  { name, settings }: ConnectionRecord,
  folder: string | null,
  resolveSecret: (reference: string) => string,
): Promise<Connector> {
  const { module = '', ...own } = settings
  const { connect } = await loadConnectorModule(await findModule(name, folder, module))
  const connector: unknown = await connect({
    name,
    settings: own,
    readSecret(setting) {
      const reference = own[setting]
      if (reference !== undefined) return resolveSecret(reference)
      throw new SyncError('CONFIG_INVALID', `Connection ${name}: the setting ${setting} is missing`)
    },
    kit: connectorKit,
  })
  return checked(connector, name, module)
}

/** Only files of the folder are run: who may change a connection may not choose any program of the machine. */
async function findModule(name: string, folder: string | null, module: string): Promise<string> {
  const invalid = (reason: string, cause?: unknown) =>
    new SyncError('CONFIG_INVALID', `Connection ${name}: module = '${module}' ${reason}`, { cause })
  if (folder === null) throw invalid('cannot be loaded: COUPLET_CONNECTORS_DIR names no folder of connectors')
  if (module === '') throw invalid('names no file')
  try {
    const path = await realpath(join(folder, module))
    const inside = relative(await realpath(folder), path)
    if (!inside.startsWith('..') && !isAbsolute(inside)) return path
  } catch (error) {
    throw invalid(`cannot be read in ${folder} (${reasonOf(error)})`, error)
  }
  throw invalid(`lies outside of ${folder}`)
}

const methods = ['check', 'listTables', 'openTable', 'close'] as const satisfies readonly (keyof Connector)[]

function checked(connector: unknown, name: string, module: string): Connector {
  const missing = methods.filter((method) => typeof memberOf(connector, method) !== 'function')
  if (missing.length === 0 && memberOf(connector, 'name') === name) return connector as Connector
  const lack =
    missing.length > 0 ? `has no ${missing.join(', ')}` : 'does not have the name of the connection'
  throw new SyncError('CONFIG_INVALID', `Connection ${name}: the connector of ${module} ${lack}`)
}
