import { sql } from 'drizzle-orm'
import type { CouplingWrite } from '../../../core/coupling/coupling.ts'
import { SyncError } from '../../../core/errors.ts'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { displayKey } from '../../../core/values/key.ts'
import { type Executor, idArray, rowsParameter } from '../../database.ts'

interface Clash extends Record<string, unknown> {
  readonly local_key: string
  readonly remote_key: string
  readonly other_local_key: string
  readonly other_remote_key: string
  readonly other_mapping: string
}

/** The error of a page that could not be stored, naming the coupling that was to be made and the one in its way. */
export async function alreadyCoupled(db: Executor, commit: PageCommit): Promise<SyncError> {
  const clash = (await findClash(db, commit)) ?? findClashWithin(commit.couplings)
  if (!clash) return new SyncError('ALREADY_COUPLED', 'A record of the page was coupled meanwhile')
  const { local_key, remote_key, other_local_key, other_remote_key, other_mapping } = clash
  const [wanted, other] = [
    `${displayKey(local_key)} ↔ ${displayKey(remote_key)}`,
    `${displayKey(other_local_key)} ↔ ${displayKey(other_remote_key)}`,
  ]
  return new SyncError('ALREADY_COUPLED', `Cannot couple ${wanted}: mapping ${other_mapping} has ${other}`, {
    data: {
      localKey: local_key,
      remoteKey: remote_key,
      otherLocalKey: other_local_key,
      otherRemoteKey: other_remote_key,
      otherMapping: other_mapping,
    },
  })
}

async function findClash(db: Executor, { mappingId, couplings }: PageCommit): Promise<Clash | null> {
  const writes = couplings.map(({ id, local, remote }) => ({ id, local: local.key, remote: remote.key }))
  const { rows } = await db.execute<Clash>(sql`
    select w.local as local_key, w.remote as remote_key, c.local_key as other_local_key,
      c.remote_key as other_remote_key, o.name as other_mapping
    from jsonb_to_recordset(${rowsParameter(writes)}) as w(id bigint, local text, remote text)
    cross join (select * from couplet.table_mapping where id = ${mappingId}) m
    cross join lateral (
      select * from couplet.coupling where local_key = w.local and local_group = m.local_group
      union all
      select * from couplet.coupling where remote_key = w.remote and remote_group = m.remote_group) c
    join couplet.table_mapping o on o.id = c.mapping_id
    where c.id <> all(${idArray(couplings.flatMap(({ id }) => id ?? []))})
    limit 1`)
  return rows[0] ?? null
}

function findClashWithin(couplings: readonly CouplingWrite[]): Clash | null {
  const seen = new Map<string, CouplingWrite>()
  for (const write of couplings) {
    const names = [`local ${write.local.key}`, `remote ${write.remote.key}`]
    const other = names.map((name) => seen.get(name)).find((found) => found !== undefined)
    if (other) return toClash(write, other)
    for (const name of names) seen.set(name, write)
  }
  return null
}

function toClash(write: CouplingWrite, other: CouplingWrite): Clash {
  return {
    local_key: write.local.key,
    remote_key: write.remote.key,
    other_local_key: other.local.key,
    other_remote_key: other.remote.key,
    other_mapping: 'the same page',
  }
}
