import { type Normaliser, outerBlanks } from '../../core/coupling/normalise.ts'
import type { MatchRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import { present } from '../../lib/assert.ts'
import type { Column } from './columns.ts'
import { filterSql } from './filter-sql.ts'
import { Parameters } from './parameters.ts'
import { readPossible } from './possible-values.ts'
import { where } from './read-pages.ts'
import type { Query } from './rows.ts'
import { foldable, getColumns, type TableShape } from './shape.ts'
import { snapshotReader } from './snapshots.ts'

/**
 * All candidates in one statement. A join, not a search per candidate: with an index on the match fields (on
 * `lower(field)` where upper and lower case do not matter) it is used, without one the table is read once, not
 * once per candidate.
 */
export async function findByMatch(
  shape: TableShape,
  query: Query,
  request: Omit<MatchRequest, 'signal'>,
): Promise<readonly (readonly RecordSnapshot[])[]> {
  const found: RecordSnapshot[][] = request.candidates.map(() => [])
  const places = [...found.keys()]
  await readPossible(places, async (part) => {
    const candidates = part.map((place) => request.candidates[place] ?? [])
    const records = await findCandidates(shape, query, { ...request, candidates })
    part.forEach((place, index) => {
      found[place] = records[index] ?? []
    })
  })
  return found
}

async function findCandidates(
  shape: TableShape,
  query: Query,
  request: Omit<MatchRequest, 'signal'>,
): Promise<RecordSnapshot[][]> {
  const found: RecordSnapshot[][] = request.candidates.map(() => [])
  const reader = snapshotReader(shape, request.fields, 1)
  const parameters = new Parameters()
  const candidates = candidatesSql(shape, request, parameters)
  const conditions = request.filter ? [filterSql(request.filter, shape, parameters)] : []
  const sql = `
    SELECT found.* FROM (
      SELECT c.i::int4 AS couplet_candidate, ${reader.selectList},
             row_number() OVER (PARTITION BY c.i) AS couplet_rank
      FROM ${candidates.from} JOIN ${shape.sql} AS t ON ${candidates.on} ${where(conditions)}
    ) AS found WHERE couplet_rank <= ${parameters.add(request.limitPerCandidate, 'int8')}`
  for (const row of await query(sql, parameters.values)) {
    found[Number(row[0]) - 1]?.push(reader.read(row))
  }
  return found
}

function candidatesSql(shape: TableShape, request: Omit<MatchRequest, 'signal'>, parameters: Parameters) {
  const columns = getColumns(
    shape,
    request.matchFields.map((match) => match.field),
  )
  const arrays = columns.map((column, index) => {
    const texts = request.candidates.map((candidate) =>
      column.codec.encode(present(candidate[index], 'candidate value')),
    )
    return parameters.add(texts, `${matchType(column)}[]`)
  })
  const names = columns.map((_, index) => `v${index}`)
  const tests = columns.map((column, index) => {
    const { caseSensitive = true, normalise = [] } = request.matchFields[index] ?? {}
    const ignoresCase = column.isText && !caseSensitive
    const operand = column.isText ? normalisedSql(column.textSql, normalise) : column.sql
    const fold = (sql: string) => (ignoresCase ? `lower(${foldable(shape, column, sql)})` : sql)
    // Text under a collation that takes different characters for equal is compared character by character.
    const exactly = column.isText && !column.isPlainText ? ' COLLATE "C"' : ''
    return `${fold(operand)}${exactly} = ${fold(`c.v${index}`)}`
  })
  return {
    from: `unnest(${arrays.join(', ')}) WITH ORDINALITY AS c(${names.join(', ')}, i)`,
    on: tests.join(' AND '),
  }
}

/** The rules of core/coupling/normalise.ts in SQL; an index on the same expression is used. */
const normaliserSql: Readonly<Record<Normaliser, (sql: string) => string>> = {
  trim: (sql) => `btrim(${sql}, ${quoteLiteral(outerBlanks)})`,
  'e-mail': (sql) =>
    `translate(btrim(${sql}, ${quoteLiteral(outerBlanks)}), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`,
  phone: (sql) => `regexp_replace(regexp_replace(${sql}, '[^0-9]', '', 'g'), '^00', '')`,
  accents: (sql) => `regexp_replace(normalize(${sql}, NFD), '[\u0300-\u036f]', '', 'g')`,
}

function normalisedSql(sql: string, wanted: readonly Normaliser[]): string {
  return wanted.reduce((inner, name) => normaliserSql[name](inner), sql)
}

function quoteLiteral(raw: string): string {
  return `'${raw.replaceAll("'", "''")}'`
}

function matchType(column: Column): string {
  return column.isText ? 'text' : column.sqlType
}
