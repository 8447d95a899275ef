import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { hashKey, newKey } from '../../src/api/api-key.ts'
import { loadConfig } from '../../src/app/config.ts'
import { type Context, openContext } from '../../src/app/context.ts'
import { createLog } from '../../src/app/logger.ts'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import type { RunKind } from '../../src/core/sync/run.ts'
import { sleep } from '../../src/lib/sleep.ts'
import { importMappings } from '../../src/usecases/setup/import-mappings.ts'
import { setUpPair } from '../../src/usecases/setup/set-up-pair.ts'
import { seconds } from '../measure.ts'
import { runToEnd } from '../run-to-end.ts'
import { siblingProcess } from '../sibling.ts'

/** A Couplet of several processes, as it is deployed, over one database. */
export interface LoadInstallation {
  readonly env: Readonly<Record<string, string>>
  readonly context: Context
  readonly pair: Pair
  /** Starts a process of its own: `couplet worker`, `couplet scheduler` or `couplet api`. Ready when it resolves. */
  start(command: 'worker' | 'scheduler'): Promise<void>
  /** Starts `couplet api`; gives its address and a key for it. */
  startApi(): Promise<{ readonly url: string; readonly key: string }>
  /** Ends all processes. */
  stop(): Promise<void>
  /** From the request to its end; throws when it did not succeed. Seconds. */
  run(kind: Exclude<RunKind, 'records'>): Promise<number>
  close(): Promise<void>
}

export interface LoadOptions {
  /** For the store. */
  readonly databaseUrl: string
  /** Null: the same Postgres. */
  readonly queueUrl: string | null
  /** Where schema `nav` and `crm` are. */
  readonly systemsUrl: string
  readonly mappings: readonly Parameters<typeof MappingDefinition.parse>[0][]
  readonly env?: Readonly<Record<string, string>>
}

const program = siblingProcess('../../src/cli/main', import.meta.url)
let installations = 0

export async function openInstallation(options: LoadOptions): Promise<LoadInstallation> {
  const { databaseUrl, queueUrl, systemsUrl } = options
  installations += 1
  process.env['BENCH_SYSTEMS_URL'] = systemsUrl
  const env = {
    DATABASE_URL: databaseUrl,
    ...(queueUrl === null ? {} : { QUEUE_URL: queueUrl }),
    COUPLET_QUEUE_PREFIX: `load-${process.pid}-${installations}`,
    COUPLET_LOG_LEVEL: 'warn',
    BENCH_SYSTEMS_URL: systemsUrl,
    ...options.env,
  }
  const config = loadConfig(env)
  const context = await openContext(config, createLog(config))
  const side = { kind: 'postgres', url: 'env:BENCH_SYSTEMS_URL', company: '' }
  const pair = await setUpPair(
    { name: 'load', local: { ...side, schema: 'nav' }, remote: { ...side, schema: 'crm' } },
    context.deps,
  )
  const definitions = options.mappings.map((each) => MappingDefinition.parse(each))
  const by = { changedBy: 'bench', reason: 'bench' }
  const report = await importMappings(pair, definitions, by, context.deps)
  if (report.imported.length < definitions.length)
    throw new Error(report.problems.map(({ message }) => message).join('\n'))
  const children: ChildProcess[] = []
  const launch = async (command: string, more: Readonly<Record<string, string>>) => {
    const statusPort = await freePort()
    const child = spawn(process.execPath, [...program, command], {
      env: { ...process.env, ...env, ...more, COUPLET_STATUS_PORT: String(statusPort) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    children.push(child)
    await untilReady(child, statusPort)
  }
  const stop = async () => {
    const ended = children.map((child) => (child.exitCode === null ? once(child, 'exit') : null))
    for (const child of children.splice(0)) child.kill('SIGTERM')
    await Promise.all(ended)
  }
  return {
    env,
    context,
    pair,
    start: (command) => launch(command, {}),
    async startApi() {
      const port = await freePort()
      await launch('api', { COUPLET_PORT: String(port) })
      return { url: `http://127.0.0.1:${port}`, key: await addKey(context) }
    },
    stop,
    async run(kind) {
      return seconds(() => runToEnd(context, pair.id, { kind, mapping: null }))
    },
    async close() {
      await stop()
      await context.close()
    },
  }
}

async function addKey({ deps }: Context): Promise<string> {
  const key = newKey()
  const everything = { pairs: null, mappings: null, expiresAt: null, role: 'administer' as const }
  const stored = { ...everything, name: `bench-${Date.now()}`, hash: hashKey(key) }
  await deps.stores.access.createApiKey(stored, { actor: 'bench', reason: null })
  return key
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`A process of Couplet has ended with ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.status === 200) return
    await sleep(50, new AbortController().signal)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}
