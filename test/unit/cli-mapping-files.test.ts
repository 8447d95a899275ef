import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileNamesOf } from '../../src/cli/commands/mappings-export.ts'
import { readMappingFiles } from '../../src/cli/mapping-files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-mappings-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const ends = `direction: 'Bidirectional', local: { table: 'a' }, remote: { table: 'b' }`

describe('mappings written as TypeScript', () => {
  it('are the default export, one or a list, and may be put together from other files', async () => {
    await fileOf(
      'rows.ts',
      `export const rows: { local: string; remote: string }[] = [{ local: 'x', remote: 'y' }]`,
    )
    const file = await fileOf(
      'two.ts',
      `import { rows } from './rows.ts'
       export default ['A', 'B'].map((name) => ({ name, ${ends}, fields: rows }))`,
    )
    const { definitions, problems } = await readMappingFiles([file])
    expect(problems).toEqual([])
    expect(definitions.map(({ name }) => name)).toEqual(['A', 'B'])
    expect(definitions[0]?.fields).toMatchObject([{ local: 'x', remote: 'y', direction: 'Bidirectional' }])
  })

  it('have their problems named like those of a YAML file, by mapping instead of line', async () => {
    const file = await fileOf(
      'wrong.ts',
      `export default [{ name: 'A', ${ends}, fields: [{ local: 'x', remote: 7 }] }, { name: 'B', ${ends}, feilds: [] }]`,
    )
    const { problems } = await readMappingFiles([file])
    expect(problems.map(({ mapping, line, path }) => [mapping, line, path])).toEqual([
      ['A', null, 'fields[0].remote'],
      ['B', null, 'fields'],
      ['B', null, 'feilds'],
    ])
  })

  it('may not have the name of a mapping in another file', async () => {
    const yaml = await fileOf(
      'a.yaml',
      `name: A\ndirection: Bidirectional\nlocal: { table: a }\nremote: { table: b }\nfields: [{ local: x, remote: y }]\n`,
    )
    const program = await fileOf(
      'a.mts',
      `export default { name: 'A', ${ends}, fields: [{ local: 'x', remote: 'y' }] }`,
    )
    const { problems } = await readMappingFiles([yaml, program])
    expect(problems).toMatchObject([{ mapping: 'A', file: program, line: null, path: 'name' }])
  })

  it.each([
    ['nothing.ts', 'export const mapping = {}', 'no default export'],
    ['text.ts', `export default 'CUSTOMER'`, 'no default export'],
    ['throws.ts', `throw new Error('no such table')`, 'cannot be run (no such table)'],
    ['broken.ts', 'export default {', 'cannot be run'],
    ['circle.ts', 'const m: any = {}; m.m = m; export default m', 'no plain data'],
  ])('are refused with a reason: %s', async (name, text, reason) => {
    const file = await fileOf(name, text)
    await expect(readMappingFiles([file])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(reason),
    })
  })
})

describe('the files of an export', () => {
  it('are as many as the mappings, however alike their names are', () => {
    expect(fileNamesOf(['UNIT OF MEASURE', 'A B', 'a-b', 'A+B', 'Ærø', 'ΩΨ', '&'])).toEqual([
      'unit-of-measure.yaml',
      'a-b.yaml',
      'a-b-2.yaml',
      'a-b-3.yaml',
      'ærø.yaml',
      'ωψ.yaml',
      'mapping.yaml',
    ])
  })
})
