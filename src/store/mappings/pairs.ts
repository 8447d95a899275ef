import { asc, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { ConnectionRecord, MappingStore, Pair } from '../../core/ports/mapping-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor, unnamed } from '../database.ts'
import { connection } from '../schema/connection.ts'
import { pair } from '../schema/pair.ts'
import { findConnections, unknownConnection } from './connections.ts'
import { regroupMappings } from './groups.ts'

const local = alias(connection, 'local')
const remote = alias(connection, 'remote')

function selectPairs(db: Executor) {
  return db
    .select({
      id: pair.id,
      name: pair.name,
      localConnection: { id: local.id, name: local.name, kind: local.kind, settings: local.settings },
      localCompany: pair.localCompany,
      remoteConnection: { id: remote.id, name: remote.name, kind: remote.kind, settings: remote.settings },
      remoteCompany: pair.remoteCompany,
    })
    .from(pair)
    .innerJoin(local, eq(local.id, pair.localConnectionId))
    .innerJoin(remote, eq(remote.id, pair.remoteConnectionId))
    .$dynamic()
}

/** Nearly every request asks for them: the statement is built once. */
export function prepareListPairs(db: Executor): () => Promise<readonly Pair[]> {
  const statement = selectPairs(db).orderBy(asc(pair.name)).prepare(unnamed)
  return () => statement.execute()
}

export function prepareGetPair(db: Executor): (pairId: number) => Promise<Pair> {
  const statement = selectPairs(db)
    .where(eq(pair.id, sql.placeholder('pairId')))
    .prepare(unnamed)
  return async (pairId) => present((await statement.execute({ pairId }))[0], `pair ${pairId}`)
}

/** Other connections mean other tables: the mappings of the pair and their couplings change groups with it. */
export async function savePair(db: Executor, write: Parameters<MappingStore['savePair']>[0]): Promise<Pair> {
  return db.transaction(async (tx) => {
    const found = await findConnections(tx, [write.local.connection, write.remote.connection])
    const sides = {
      localConnectionId: idOf(found, write.local.connection),
      localCompany: write.local.company,
      remoteConnectionId: idOf(found, write.remote.connection),
      remoteCompany: write.remote.company,
    }
    const rows = await tx
      .insert(pair)
      .values({ name: write.name, ...sides })
      .onConflictDoUpdate({ target: pair.name, set: { ...sides, updatedAt: clock } })
      .returning({ id: pair.id })
    const saved = await prepareGetPair(tx)(present(rows[0], 'saved pair').id)
    await regroupMappings(tx, saved)
    return saved
  })
}

function idOf(connections: readonly ConnectionRecord[], name: string): number {
  const found = connections.find((candidate) => candidate.name === name)
  if (found) return found.id
  throw unknownConnection(name)
}
