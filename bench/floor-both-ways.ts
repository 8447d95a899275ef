import { arrayLiteral } from '../src/lib/array-literal.ts'
import { column, type Floor, type Row, rows } from './floor.ts'
import { columnsOf, local, merge, type Pair, remote, type Side, writePairs } from './floor-merge.ts'

/** Both directions know how far they have read. */
export async function beginFollowing({ writer }: Floor): Promise<void> {
  await writer.query(`
    CREATE TABLE floor.watermark (direction text PRIMARY KEY, at timestamptz NOT NULL);
    INSERT INTO floor.watermark VALUES ('to', now()), ('from', now())`)
}

/**
 * What was changed since the last time, both ways: changed rows by the page, without those that were written from here;
 * three-way merge with the bases, where the remote side wins; both sides, the couplings and the ledger are written in one
 * transaction per page. Returns the number of records written.
 */
export async function floorBothWays(floor: Floor, pageSize: number): Promise<number> {
  return (await pass(floor, local, remote, pageSize)) + (await pass(floor, remote, local, pageSize))
}

async function pass(floor: Floor, source: Side, other: Side, pageSize: number): Promise<number> {
  const begun = await rows(floor.writer, 'now', 'SELECT now()', [])
  let written = 0
  for await (const page of changedPages(floor, source, pageSize)) {
    const couplings = await readCouplings(floor, source, page)
    const open = page.filter((row) => row[1] !== couplings.get(row[0] ?? '')?.[source.coupledVersion])
    if (open.length === 0) continue
    const mine = open.map((row) => couplings.get(row[0] ?? '') ?? [])
    const partners = await readPartners(floor, other, column(mine, other.coupledKey))
    const pairs = open.map((row, index): Pair => {
      const coupling = mine[index] ?? []
      const partner = partners.get(coupling[other.coupledKey] ?? '') ?? []
      return source === local ? merge(coupling, row, partner) : merge(coupling, partner, row)
    })
    written += await writePairs(floor, pairs)
  }
  const text = 'UPDATE floor.watermark SET at = $1 WHERE direction = $2'
  await rows(floor.writer, 'save-watermark', text, [begun[0]?.[0], source.direction])
  return written
}

/** By time and key; the next page is asked for before this one is given out. */
async function* changedPages(floor: Floor, side: Side, pageSize: number): AsyncGenerator<Row[]> {
  const { table, key, modified, direction } = side
  const text = `SELECT ${columnsOf(side)} FROM ${table} t WHERE (t.${modified}, t.${key}) > ($1, $2)
    ORDER BY t.${modified}, t.${key} LIMIT $3`
  const read = (after: Row) => rows(floor.reader, `changes-${direction}`, text, [...after, pageSize])
  const watermark = `SELECT at, '00000000-0000-0000-0000-000000000000' FROM floor.watermark WHERE direction = $1`
  const [begin] = await rows(floor.reader, 'watermark', watermark, [direction])
  let next: Promise<Row[]> | null = read(begin ?? [])
  while (next) {
    const page: Row[] = await next
    const last = page.at(-1)
    next = page.length < pageSize || !last ? null : read([last[2] ?? null, last[0] ?? null])
    yield page
  }
}

async function readCouplings(
  { writer }: Floor,
  { direction }: Side,
  page: readonly Row[],
): Promise<ReadonlyMap<string, Row>> {
  const [side, group] = direction === 'to' ? ['local', 'customer'] : ['remote', 'account']
  const text = `SELECT local_key, remote_key, local_version, remote_version, local_base, remote_base
    FROM floor.coupling WHERE ${side}_key = ANY ($1::text[]) AND ${side}_group = '${group}'`
  const found = await rows(writer, `couplings-${side}`, text, [arrayLiteral(column(page, 0))])
  return new Map(found.map((row) => [row[side === 'local' ? 0 : 1] ?? '', row]))
}

async function readPartners(
  { writer }: Floor,
  side: Side,
  keys: readonly (string | null)[],
): Promise<ReadonlyMap<string, Row>> {
  const text = `SELECT ${columnsOf(side)} FROM ${side.table} t WHERE t.${side.key} = ANY ($1::uuid[])`
  const found = await rows(writer, `partners-${side.direction}`, text, [arrayLiteral(keys)])
  return new Map(found.map((row) => [row[0] ?? '', row]))
}
