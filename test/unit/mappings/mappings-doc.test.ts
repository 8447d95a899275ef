import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMappingFiles } from '../../../src/cli/mapping-files.ts'
import { FieldMapping, MappingDefinition } from '../../../src/core/mapping/definition.ts'
import { parseFilter } from '../../../src/core/mapping/filter-text.ts'

let page: string
let folder: string
beforeAll(async () => {
  page = await readFile(new URL('../../../docs/mappings.md', import.meta.url), 'utf8')
  folder = await mkdtemp(join(tmpdir(), 'couplet-doc-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function example(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1]
  if (found === undefined) throw new Error(`docs/mappings.md has no example in ${language}`)
  return found
}

describe('docs/mappings.md', () => {
  it.each(['yaml', 'ts'])('has an example in %s that is read without a problem', async (language) => {
    const file = join(folder, `example.${language}`)
    await writeFile(file, example(language))
    const { definitions, problems } = await readMappingFiles([file])
    expect(problems).toEqual([])
    expect(definitions.length).toBeGreaterThan(0)
  })

  it('has a filter that can be read', () => {
    expect(parseFilter(example('text'))).toMatchObject({ ok: true })
  })

  it('names every setting', () => {
    const settings = [...Object.keys(MappingDefinition.shape), ...Object.keys(FieldMapping.shape)]
    expect(settings.filter((name) => !page.includes(`\`${name}\``) && name !== 'fields')).toEqual([])
  })
})
