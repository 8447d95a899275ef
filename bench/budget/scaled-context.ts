import { loadConfig } from '../../src/app/config.ts'
import { type Context, openContext } from '../../src/app/context.ts'
import { connectionUsers } from '../../src/app/credentials.ts'
import { openHttpConnection } from '../../src/app/http-connection.ts'
import { createLog } from '../../src/app/logger.ts'
import { createDataverseConnector } from '../../src/connectors/dataverse/connector.ts'
import { readSettings } from '../../src/connectors/dataverse/settings.ts'
import type { Connector } from '../../src/core/ports/connector.ts'
import type { ConnectionRecord } from '../../src/core/ports/mapping-store.ts'

/** Settings of a process of a trial. */
export interface ScaledOptions {
  readonly databaseUrl: string
  /** Windows are so many times shorter than those of the product. */
  readonly scale: number
  /** The client secret that connections refer to. */
  readonly secret: string
  readonly env?: Readonly<Record<string, string>>
}

/** Couplet as it is shipped, but for a Dataverse whose windows are shorter: the budget's are as short. */
export async function openScaledContext(options: ScaledOptions): Promise<Context> {
  const { databaseUrl, scale, secret, env } = options
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    COUPLET_LOG_LEVEL: 'error',
    COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8',
    ...env,
  })
  const context = await openContext(config, createLog(config))
  const opened = new Map<string, Connector>()
  const connect = async (connection: ConnectionRecord): Promise<Connector> => {
    if (connection.kind !== 'dataverse') return context.deps.connect(connection)
    const connector = opened.get(connection.name) ?? openScaled(connection, scale, secret, context)
    opened.set(connection.name, connector)
    return connector
  }
  return {
    ...context,
    deps: { ...context.deps, connect },
    async close() {
      await Promise.all([...opened.values()].map((connector) => connector.close()))
      await context.close()
    },
  }
}

function openScaled(
  connection: ConnectionRecord,
  scale: number,
  secret: string,
  { deps, metrics, config }: Context,
): Connector {
  const settings = readSettings(connection.name, connection.settings)
  const { windowMs, executionMs } = settings.limits
  const transport = openHttpConnection(
    {
      id: connection.id,
      name: connection.name,
      users: connectionUsers(
        { name: connection.name, settings: { scope: settings.scope, ...connection.settings } },
        () => secret,
      ),
      limits: {
        ...settings.limits,
        windowMs: windowMs / scale,
        executionMs: executionMs === null ? null : executionMs / scale,
      },
      timeoutMs: settings.timeoutSeconds * 1_000,
      certificateAuthorities: null,
    },
    {
      budgets: deps.stores.budgets,
      clock: deps.clock,
      random: deps.random,
      worker: `${deps.processName}/${Math.random()}`,
      metrics,
      privateNetworks: config.privateNetworks,
    },
  )
  return createDataverseConnector({ name: connection.name, settings, transport })
}
