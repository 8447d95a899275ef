import { type CommandResult, type RunningCommand, runCommand, startCommand } from './cli.ts'
import { isStopped } from './crash-workers.ts'
import { createInstallation, type Installation } from './installation.ts'
import { waitFor } from './servers.ts'
import { restoreSnapshot, takeSnapshot } from './store-snapshot.ts'
import { customerMapping, insertCustomers, orderMapping, orderTablesSql, twoTablesSql } from './two-tables.ts'

/** An installation whose store is older than its systems, in every way that a recovery has something to do about. */
export interface RecoveryScene {
  readonly couplet: Installation
  /** Makes the store as old again as it was. */
  rewind(): Promise<void>
  /** Instead of waiting for the end of the leases of what is dead or frozen. */
  endLeases(): Promise<void>
  /** A process of this name gives a sign of life. */
  liveOn(id: string): Promise<void>
  run(...args: readonly string[]): Promise<CommandResult>
  start(args: readonly string[], env?: Readonly<Record<string, string>>): StartedCommand
  /** What a recovery leaves behind, whatever numbers it gives. */
  readEnd(): Promise<object>
  readSystems(): Promise<Readonly<Record<string, readonly { readonly name: string }[]>>>
  /** Ends what was started and still runs. */
  killAll(): Promise<void>
}

export interface StartedCommand extends Pick<RunningCommand, 'ended' | 'printed' | 'interrupt'> {
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  /** SIGSTOP. */
  freeze(): void
  /** Waits until it has stopped itself. */
  frozen(): Promise<void>
  /** SIGCONT. */
  thaw(): void
}

export const recoverArgs = ['recover', '--pair', 'test', '--reason', 'restored'] as const

/** Codes are written otherwise on the other side: nothing tells which record was created for which. */
const currencyMapping = {
  name: 'CURRENCY',
  direction: 'ToIntegrationTable',
  local: { table: 'currency' },
  remote: { table: 'currency' },
  fields: [
    {
      local: 'code',
      remote: 'iso',
      transform: [{ replace: { text: 'X', by: 'Y' } }],
      direction: 'ToIntegrationTable',
    },
    { local: 'name', remote: 'name', match: {} },
  ],
}
const currencySql = `
  CREATE TABLE nav.currency (code varchar(10) PRIMARY KEY, name varchar(50));
  CREATE TABLE crm.currency (iso varchar(10) PRIMARY KEY, name varchar(50));
  INSERT INTO nav.currency VALUES ('EUR', 'Euro')`

export async function openRecoveryScene(): Promise<RecoveryScene> {
  const couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(5)}; ${orderTablesSql}; ${currencySql}`,
    env: { COUPLET_LEASE_SECONDS: '10', COUPLET_PAGE_SIZE: '4' },
  })
  await couplet.import(customerMapping, currencyMapping, { ...orderMapping, enabled: false })
  const started: RunningCommand[] = []
  const isAlive = ({ pid }: RunningCommand) => started.some((each) => each.pid === pid)
  const run = (...args: readonly string[]) => runCommand(args, couplet.env)
  await livePastTheBackup(couplet, run)
  return {
    couplet,
    run,
    endLeases: async () =>
      void (await couplet.store.query(
        'UPDATE couplet.lease SET expires_at = clock_timestamp() WHERE expires_at > clock_timestamp()',
      )),
    liveOn: async (id) =>
      void (await couplet.context.care.processes.report({
        id,
        host: 'elsewhere',
        pid: 7,
        version: '0',
        roles: ['worker'],
        concurrency: {},
        state: 'working',
        isLeader: false,
        work: [],
        memoryMb: 1,
        delayMs: 0,
        now: new Date().toISOString(),
      })),
    rewind: () => restoreSnapshot(couplet.store),
    start(args, more = {}) {
      const command = startCommand(args, { ...couplet.env, ...more })
      started.push(command)
      command.ended().finally(() => started.splice(started.indexOf(command), 1))
      return {
        ended: command.ended,
        printed: command.printed,
        interrupt: command.interrupt,
        async kill() {
          process.kill(command.pid, 'SIGKILL')
          await command.ended()
        },
        freeze: () => void process.kill(command.pid, 'SIGSTOP'),
        frozen: async () =>
          void (await waitFor(`process ${command.pid} stops`, async () => {
            if (!isAlive(command)) throw new Error(`It ended early: ${(await command.ended()).stderr}`)
            return isStopped(command.pid)
          })),
        thaw: () => void process.kill(command.pid, 'SIGCONT'),
      }
    },
    readEnd: () => readEnd(couplet),
    readSystems: () => readSystems(couplet),
    async killAll() {
      for (const { pid } of started) process.kill(pid, 'SIGKILL')
      await Promise.all(started.map((each) => each.ended()))
    },
  }
}

/** Everything that was created after the backup was made, and one record whose source is gone by now. */
async function livePastTheBackup(couplet: Installation, run: RecoveryScene['run']): Promise<void> {
  const sync = async () => {
    const done = await run('sync', 'full', '--wait', '--keep-creating', 'no')
    if (done.code !== 0) throw new Error(done.stdout + done.stderr)
  }
  await sync()
  await takeSnapshot(couplet.store)
  await couplet.import(orderMapping)
  await couplet.systems.query(`
    INSERT INTO nav.customer (no, name) SELECT 'L' || n, 'Made here ' || n FROM generate_series(1, 6) n;
    INSERT INTO nav.customer (no, name) VALUES ('GONE', 'Gone');
    INSERT INTO crm.account (name) VALUES ('Made there 1'), ('Made there 2');
    INSERT INTO nav.currency VALUES ('XAU', 'Gold')`)
  await sync()
  await couplet.systems.query(`
    DELETE FROM nav.customer WHERE no = 'GONE';
    UPDATE nav.customer SET city = 'Late here' WHERE no = 'C1';
    UPDATE crm.account SET city = 'Late there' WHERE name = 'Made here 2'`)
  await restoreSnapshot(couplet.store)
}

const ends = {
  couplings: `SELECT mapping_id, local_key, remote_key, generation, is_restored FROM couplet.coupling`,
  issues: `SELECT mapping_id, direction, key, kind, code, next_attempt_at IS NULL AS rests FROM couplet.issue`,
  pauses: `SELECT scope, mapping_id, cause, reason FROM couplet.pause`,
  unfinished: `SELECT r.state, l.state, j.state FROM couplet.run r JOIN couplet.line l ON l.run_id = r.id
    JOIN couplet.job j ON j.line_id = l.id WHERE r.state IN ('queued', 'running') OR l.state IN ('pending', 'ready', 'running')
    OR j.state IN ('ready', 'running')`,
  leases: `SELECT resource FROM couplet.lease WHERE expires_at > clock_timestamp()`,
  asked: `SELECT key FROM couplet.inbox`,
  inDoubt: `SELECT id FROM couplet.page_intent`,
}

async function readEnd({ store }: Installation): Promise<object> {
  const end: Record<string, readonly string[]> = {}
  for (const [name, sql] of Object.entries(ends)) {
    const { rows } = await store.query<{ row: string }>(
      `SELECT found::text AS row FROM (${sql}) AS found ORDER BY 1`,
    )
    end[name] = rows.map(({ row }) => row)
  }
  return end
}

async function readSystems({ rows }: Installation): ReturnType<RecoveryScene['readSystems']> {
  return {
    customers: await rows('SELECT name, city FROM nav.customer ORDER BY name'),
    accounts: await rows(`SELECT name, coalesce(city, '') AS city FROM crm.account ORDER BY name`),
    orders: await rows('SELECT note AS name FROM nav.orders ORDER BY note'),
    ordersThere: await rows('SELECT note AS name FROM crm.orders ORDER BY note'),
    currencies: await rows('SELECT name FROM nav.currency ORDER BY name'),
    currenciesThere: await rows('SELECT name FROM crm.currency ORDER BY name'),
  }
}
