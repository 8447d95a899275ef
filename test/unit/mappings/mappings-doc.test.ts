import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMappingFiles } from '../../../src/cli/mapping-files.ts'
import { FieldMapping, MappingDefinition, Template } from '../../../src/core/mapping/definition.ts'
import { parseFilter } from '../../../src/core/mapping/filter-text.ts'
import { validateDefinition } from '../../../src/core/mapping/validate.ts'
import { StepSettings } from '../../../src/core/transform/steps.ts'
import { parseMappingFile } from '../../../src/usecases/mapping-files.ts'

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

  it('has examples of single settings that make a mapping without a problem', () => {
    const snippets = [...page.matchAll(/```yaml\n((?:fields|templates):[\s\S]*?)```/g)].map(
      ([, found]) => found,
    )
    expect(snippets).toHaveLength(2)
    const head = 'name: X\ndirection: Bidirectional\nlocal: { table: a }\nremote: { table: b }\n'
    const { definitions, problems } = parseMappingFile(head + snippets.join(''), 'example.yaml')
    expect(problems).toEqual([])
    expect(definitions.flatMap((each) => validateDefinition(each, { mappings: [] }))).toEqual([])
  })

  it('has a filter that can be read', () => {
    expect(parseFilter(example('text'))).toMatchObject({ ok: true })
  })

  it('names every setting', () => {
    const settings = [
      ...Object.keys(MappingDefinition.shape),
      ...Object.keys(FieldMapping.shape),
      ...Object.keys(Template.shape),
      ...Object.keys(StepSettings.shape),
    ]
    expect(settings.filter((name) => !page.includes(`\`${name}\``) && name !== 'fields')).toEqual([])
  })
})
