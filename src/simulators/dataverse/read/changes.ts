import type { Stored } from '../../kit/table/row-source.ts'
import type { Tombstone } from '../../kit/table/table.ts'
import type { Caller } from '../caller.ts'
import type { EntityModel } from '../entities/model.ts'
import { problems } from '../problems.ts'
import type { Cookie } from './cookie.ts'

/** One page of changes: records, then tombstones; the cookie of the next page, or the version of the next link. */
export interface ChangePage {
  readonly records: readonly Stored[]
  readonly deleted: readonly Tombstone[]
  readonly next: Cookie | null
  readonly upTo: number
}

/** What a delta link holds (connectors.md A.4): a version, the time it was given, and for which table. */
export function deltaToken(model: EntityModel, version: number, nowMs: number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().slice(0, 19).split('T')
  const [year, month, day] = date.split('-')
  return `${version}!${month}/${day}/${year} ${time}!${model.typeCode}`
}

/** The version a token stands for; refuses one of another table, and one that is too old. */
export function versionOfToken(caller: Caller, model: EntityModel, token: string): number {
  const match = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)!(\d+)$/.exec(token)
  if (!match || Number(match[6]) !== model.typeCode) {
    throw problems.query(`The delta token is not valid for '${model.logicalName}'.`)
  }
  const givenMs = Date.parse(`${match[4]}-${match[2]}-${match[3]}T${match[5]}Z`)
  const { time, expireChangeTrackingDays } = caller.organization
  if (time.nowMs() - givenMs > time.scaled(expireChangeTrackingDays * 86_400_000)) throw problems.expired()
  return Number(match[1])
}

/** The first request: all records by key. The next delta link begins at the version of its first page. */
export function readEverything(
  caller: Caller,
  model: EntityModel,
  size: number,
  after: Cookie | null,
): ChangePage {
  const upTo = after?.delta?.upTo ?? caller.organization.lastVersion()
  const from = after ? { ...after, inclusive: false } : undefined
  const records = take(caller.organization.table(model.logicalName).scan('key', from), size + 1)
  const page = records.slice(0, size)
  const last = page.at(-1)
  const hasMore = records.length > size && last
  return {
    records: page,
    deleted: [],
    upTo,
    next: hasMore ? cookie(after, last, { upTo, deletedFrom: null }) : null,
  }
}

/** Records with a version behind `since`, in their order, then what was deleted since. */
export function readChanges(
  caller: Caller,
  model: EntityModel,
  since: number,
  size: number,
  after: Cookie | null,
): ChangePage {
  const upTo = after?.delta?.upTo ?? caller.organization.lastVersion()
  const deletedFrom = after?.delta?.deletedFrom ?? null
  const table = caller.organization.table(model.logicalName)
  const from = { key: '', modifiedMs: 0, version: after?.version ?? since, inclusive: false }
  const records = deletedFrom === null ? take(table.scan('version', from), size + 1) : []
  const last = records.slice(0, size).at(-1)
  if (records.length > size && last) {
    const next = cookie(after, last, { upTo, deletedFrom: null })
    return { records: records.slice(0, size), deleted: [], upTo, next }
  }
  const room = size - records.length
  const gone = table.tombstonesSince(deletedFrom ?? since)
  const deleted = gone.slice(0, room)
  const lastVersion = deleted.at(-1)?.version ?? deletedFrom ?? since
  const place = { key: '', modifiedMs: 0, version: from.version }
  const next = gone.length > room ? cookie(after, place, { upTo, deletedFrom: lastVersion }) : null
  return { records, deleted, upTo, next }
}

function cookie(
  before: Cookie | null,
  { key, modifiedMs, version }: Pick<Stored, 'key' | 'modifiedMs' | 'version'>,
  delta: NonNullable<Cookie['delta']>,
): Cookie {
  return { page: (before?.page ?? 1) + 1, key, modifiedMs, version, sortedBy: null, delta }
}

function take(records: Iterable<Stored>, count: number): readonly Stored[] {
  const taken: Stored[] = []
  for (const stored of records) {
    taken.push(stored)
    if (taken.length >= count) break
  }
  return taken
}
