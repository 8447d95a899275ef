import type { Context } from '../../../app/context.ts'
import { sealSecret } from '../../../app/sealed-secret.ts'
import { nameOf } from '../../../core/access/principal.ts'
import { shownConnection } from '../../../core/connection-secrets.ts'
import { describeType } from '../../../core/mapping/describe-type.ts'
import type { TableSchema } from '../../../core/mapping/schema.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { changeConnection, type SecretRules } from '../../../usecases/setup/change-connection.ts'
import { getConnection, mappedTables, testConnection } from '../../../usecases/setup/connections.ts'
import { readTable } from '../../../usecases/setup/read-table.ts'
import * as contract from '../../contract/connections.ts'
import { judgingWhatWasSent } from '../../refusal.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /connections and PUT /connections/:name. */
export function changeConnections(server: Server, deps: Deps, { config }: Pick<Context, 'config'>): void {
  const rules: SecretRules = {
    seal: (secret, connection) => sealSecret(secret, connection, config.secretKeys),
    allowed: config.httpReferences,
  }
  serve(server, contract.listConnections, async () => {
    const connections = await deps.stores.mappings.listConnections()
    return { connections: connections.map(shownConnection) }
  })
  serve(server, contract.putConnection, async ({ params, body, principal }) => {
    const { reason = null, ...wish } = body
    const act = { by: nameOf(principal), reason }
    const connection = await judgingWhatWasSent(() =>
      changeConnection({ ...wish, ...params }, act, rules, deps),
    )
    return { connection: shownConnection(connection), stored: !wish.dryRun }
  })
}

/** What can be found out about a system: POST /connections/:name/test, GET …/tables and …/tables/:table. */
export function tryConnections(server: Server, deps: Deps): void {
  serve(server, contract.testConnection, async ({ params, body: { table, fields = null } }) => {
    const connection = await getConnection(params.name, deps)
    const tables =
      table === undefined ? await mappedTables(connection, deps) : [{ address: { table }, fields }]
    const checks = await testConnection(connection, tables, deps, () => {})
    return { good: checks.every(({ error }) => error === null), checks }
  })
  serve(server, contract.listTables, async ({ params }) => {
    const connector = await deps.connect(await getConnection(params.name, deps))
    return { tables: await connector.listTables(AbortSignal.timeout(lookMs)) }
  })
  serve(server, contract.describeTable, async ({ params: { name, table } }) =>
    showSchema(await readTable(name, table, AbortSignal.timeout(lookMs), deps)),
  )
}

const lookMs = 60_000

function showSchema({ table, keyFields, modifiedField, fields, unsupportedFields }: TableSchema) {
  return {
    table,
    keyFields,
    modifiedField,
    fields: [...fields.values()].map(({ type, ...field }) => ({ ...field, type: describeType(type) })),
    unsupportedFields: Object.fromEntries(unsupportedFields ?? []),
  }
}
