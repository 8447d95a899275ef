import { derivedKey, isDerivedKey } from '../../core/coupling/identity.ts'
import { lostGenerations } from '../../core/coupling/lost-generations.ts'
import type { UncoupledPair } from '../../core/coupling/uncoupling.ts'
import { isKeyFromValues } from '../../core/mapping/compile.ts'
import { destinationSide, type JobDirection, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { ConnectedTable, RecordSnapshot } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { indexBy } from '../../lib/group.ts'
import type { KeyPair } from '../coupling/coupling-ends.ts'
import type { LineSession } from '../line/session.ts'
import { countRivals, search } from '../page/matching.ts'
import { tokenFor } from '../page/operation.ts'

/**
 * How a counterpart is found again that nobody has noted: by the token it was created with – its id, or a receipt, tells
 * it – or by the key that both records share. Null: nothing tells it.
 */
export type Trace = 'token' | 'key' | null

/** Two records that belong together and are not coupled. */
export interface LostPair extends KeyPair {
  /** That of the token which has told it: a later counterpart must not get it again. */
  readonly generation: number
}

/** Where several mappings create records of one table, only the filter tells whose a shared key is. */
export function traceOf({ mapping, tables, isShared }: LineSession, direction: JobDirection): Trace {
  const side = destinationSide[direction]
  const strategy = mapping.keyStrategy[side]
  const hasReceipts = strategy === 'receipt' && tables[side].findCreated !== undefined
  if (strategy === 'derived-uuid' || hasReceipts) return 'token'
  if (!isKeyFromValues(strategy) || mapping.mappedKey[side] === null) return null
  return !isShared[side] || mapping[side].filter !== null ? 'key' : null
}

/** Pairs of records that belong together and are not coupled, page by page, so that memory does not grow with the table. */
export async function* findLost(
  session: LineSession,
  direction: JobDirection,
): AsyncGenerator<readonly LostPair[]> {
  const trace = traceOf(session, direction)
  if (trace === 'token')
    for await (const keys of listKeys(session, sourceSide[direction]))
      yield await findByToken(session, direction, keys)
  if (trace === 'key')
    for await (const records of readRecords(session, sourceSide[direction]))
      yield await findByKey(session, direction, records)
}

/** Uncoupled records that some Couplet has created, while nothing tells any more for which record. */
export async function* findUnexplained(
  session: LineSession,
  side: Side,
): AsyncGenerator<readonly RecordKey[]> {
  for await (const keys of listKeys(session, side)) {
    const made = keys.filter(isDerivedKey)
    const taken = await findTaken(session, side, made)
    const parted = await session.commits.sync.findUncoupled(session.mapping.id, side, made)
    yield made.filter((key) => !taken.has(key) && !parted.has(key))
  }
}

async function findByToken(
  session: LineSession,
  direction: JobDirection,
  keys: readonly RecordKey[],
): Promise<readonly LostPair[]> {
  const [source, destination] = [sourceSide[direction], destinationSide[direction]]
  const { sync } = session.commits
  const { id } = session.mapping
  const couplings = indexBy(await sync.findCouplings(id, source, keys), (coupling) => coupling[source].key)
  const others = await sync.findTaken(session.groups[source], source, keys, id)
  const memory = await sync.findUncoupled(id, source, keys)
  const open = keys.filter((key) => !others.has(key))
  const wanted = open.flatMap((key) =>
    lostGenerations(couplings.get(key) ?? null, memory.get(key) ?? []).map((generation) => ({
      key,
      generation,
      token: tokenFor(session, destination, key, generation),
    })),
  )
  const made = await locate(
    session,
    destination,
    wanted.map(({ token }) => token),
  )
  const taken = await findTaken(session, destination, [...made.values()])
  const hits = wanted.flatMap(({ key, generation, token }) => {
    const found = made.get(token)
    const isFree = found !== undefined && !taken.has(found) && !wasParted(memory.get(key), destination, found)
    return isFree ? [{ key, found, generation }] : []
  })
  // Of several the newest counts, which comes first.
  const newest = indexBy(hits.toReversed(), ({ key }) => key)
  const partners = [...newest.keys()].flatMap((key) => couplings.get(key)?.[destination].key ?? [])
  const living = await readExisting(session, destination, partners)
  return [...newest.values()].flatMap(({ key, found, generation }) =>
    living.has(couplings.get(key)?.[destination].key ?? '')
      ? []
      : [pairOf(direction, key, found, generation)],
  )
}

async function findByKey(
  session: LineSession,
  direction: JobDirection,
  records: readonly RecordSnapshot[],
): Promise<readonly LostPair[]> {
  const [source, destination] = [sourceSide[direction], destinationSide[direction]]
  const group = session.mapping.mappedKey[destination]
  const keys = records.map(({ key }) => key)
  const taken = await findTaken(session, source, keys)
  const parted = await session.commits.sync.findUncoupled(session.mapping.id, source, keys)
  const open = records.filter(({ key }) => !taken.has(key) && !parted.has(key) && group !== null)
  if (group === null || open.length === 0) return []
  const answers = await search(session, group, open, source, destination)
  const singles = answers.flatMap((found) => (found.length === 1 ? found : []))
  const rivals = await countRivals(session, group, singles, source, destination)
  const others = await findTaken(
    session,
    destination,
    singles.map(({ key }) => key),
  )
  return open.flatMap(({ key }, index) => {
    const [found, ...more] = answers[index] ?? []
    if (found === undefined || more.length > 0 || others.has(found.key)) return []
    return rivals.get(found.key) === 1 ? [pairOf(direction, key, found.key, 0)] : []
  })
}

/** The records of these tokens that are there. */
async function locate(
  session: LineSession,
  side: Side,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, RecordKey>> {
  const made =
    session.mapping.keyStrategy[side] === 'derived-uuid'
      ? new Map(tokens.map((token) => [token, derivedKey(token)] as const))
      : ((await session.tables[side].findCreated?.(tokens, session.signal)) ?? new Map<string, RecordKey>())
  const there = await readExisting(session, side, [...made.values()])
  return new Map([...made].filter(([, key]) => there.has(key)))
}

async function readExisting(
  { tables, mapping, signal }: LineSession,
  side: Side,
  keys: readonly RecordKey[],
): Promise<ReadonlySet<RecordKey>> {
  if (keys.length === 0) return new Set()
  return new Set((await tables[side].readByKeys(keys, mapping[side].schema.keyFields, signal)).keys())
}

/** Coupled in whichever mapping of the table. */
function findTaken(session: LineSession, side: Side, keys: readonly RecordKey[]) {
  return session.commits.sync.findTaken(session.groups[side], side, keys, -1)
}

function wasParted(memory: readonly UncoupledPair[] | undefined, side: Side, key: RecordKey): boolean {
  return memory?.some((pair) => pair[side === 'local' ? 'localKey' : 'remoteKey'] === key) ?? false
}

function pairOf(
  direction: JobDirection,
  source: RecordKey,
  destination: RecordKey,
  generation: number,
): LostPair {
  return direction === 'to'
    ? { local: source, remote: destination, generation }
    : { local: destination, remote: source, generation }
}

async function* listKeys({ tables, deps, signal }: LineSession, side: Side) {
  const limit = deps.settings.pageSize
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<ConnectedTable['listKeys']>> = await tables[side].listKeys({
      cursor,
      limit,
      signal,
    })
    cursor = page.next
    yield page.keys
  } while (cursor !== null)
}

async function* readRecords({ tables, mapping, deps, signal }: LineSession, side: Side) {
  const { filter, read: fields } = mapping[side]
  const limit = deps.settings.pageSize
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<ConnectedTable['readAll']>> = await tables[side].readAll({
      fields,
      filter,
      cursor,
      limit,
      signal,
    })
    cursor = page.next
    yield page.records
  } while (cursor !== null)
}
