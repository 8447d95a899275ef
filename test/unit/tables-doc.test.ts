import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { backedUpTables } from '../../src/store/recovery/backup-tables.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const tables = [...read('test/support/schema.sql').matchAll(/^table (\w+)/gm)].map(([, name = '']) => name)
const rows = [...read('docs/tables.md').matchAll(/^\| `(\w+)` \| (.+) \| (.+) \|$/gm)].map(
  ([, name = '', bound = '', backup = '']) => ({ name, bound, backup }),
)

it('docs/tables.md says of every table, and of no other, what bounds it', () => {
  expect(rows.map(({ name }) => name)).toEqual(tables)
  expect(rows.filter(({ bound }) => bound.length < 6)).toEqual([])
})

it('docs/tables.md says of every table whether a backup holds it, or why not', () => {
  const backedUp = new Set(backedUpTables.map(({ name }) => name))
  for (const { name, backup } of rows) {
    expect(backup, name).toMatch(backedUp.has(name) ? /^yes(, .{8,})?$/ : /^no: .{8,}$/)
  }
})
