import { describe, expect, it } from 'vitest'
import { applyTemplate, compileTemplates } from '../../../../src/core/mapping/templates.ts'
import { validateAgainstSchemas, validateDefinition } from '../../../../src/core/mapping/validate.ts'
import { definitionOf, fieldOf, schemaOf, textType } from '../../../support/definitions.ts'

const schemas = {
  local: schemaOf([fieldOf('name', textType()), fieldOf('country', textType())]),
  remote: schemaOf([
    fieldOf('name', textType()),
    fieldOf('kind', { kind: 'integer', bits: 32 }, { nullable: false }),
    fieldOf('total', { kind: 'integer', bits: 32 }, { writable: false }),
  ]),
}
type Templates = NonNullable<NonNullable<Parameters<typeof definitionOf>[0]>['templates']>

function filled(templates: Templates, source: Record<string, `text:${string}`>) {
  const compiled = compileTemplates(definitionOf({ templates }).templates, 'remote', schemas)
  return applyTemplate(compiled, source, { name: 'text:Ann' })
}

describe('a template', () => {
  const abroad = {
    name: 'ABROAD',
    side: 'remote',
    priority: 1,
    filter: "country <> 'DK'",
    values: { kind: '2' },
  } as const
  const all = { name: 'ALL', side: 'remote', priority: 5, values: { kind: '1' } } as const

  it('is the one with the lowest priority whose filter matches the source; an empty filter matches everything', () => {
    expect(filled([all, abroad], { country: 'text:SE' })).toEqual({ name: 'text:Ann', kind: 'int:2' })
    expect(filled([all, abroad], { country: 'text:DK' })).toEqual({ name: 'text:Ann', kind: 'int:1' })
    expect(filled([abroad], { country: 'text:DK' })).toEqual({ name: 'text:Ann' })
  })

  it('fills only what the field mappings have not set, unless it overwrites', () => {
    const values = { name: 'NEW', kind: '1' }
    expect(filled([{ ...all, values }], {})).toEqual({ name: 'text:Ann', kind: 'int:1' })
    expect(filled([{ ...all, values, overwrite: true }], {})).toEqual({ name: 'text:NEW', kind: 'int:1' })
  })

  it('takes the values of the template it is based on where it has none', () => {
    const base = { name: 'BASE', side: 'remote', priority: 9, values: { kind: '7', name: 'B' } } as const
    const own = { ...all, basedOn: 'BASE', values: { name: 'A' }, overwrite: true }
    expect(filled([own, base], {})).toEqual({ name: 'text:A', kind: 'int:7' })
  })

  it('is only for records of its side', () => {
    const compiled = compileTemplates(definitionOf({ templates: [all] }).templates, 'local', schemas)
    expect(compiled).toEqual([])
  })
})

describe('wrong templates', () => {
  const problemsOf = (templates: Templates) => {
    const definition = definitionOf({ templates, direction: 'ToIntegrationTable' })
    return [
      ...validateDefinition(definition, { mappings: [] }),
      ...validateAgainstSchemas(definition, schemas).filter(({ severity }) => severity === 'error'),
    ].map(({ path, code }) => [path, code])
  }

  it.each([
    [{ basedOn: 'NOWHERE' }, 'templates[0].basedOn', 'TEMPLATE_NOT_FOUND'],
    [{ basedOn: 'T' }, 'templates[0].basedOn', 'MAPPING_INVALID'],
    [{ side: 'local' as const }, 'templates[0].side', 'MAPPING_INVALID'],
    [{ filter: 'country =' }, 'templates[0].filter', 'FILTER_INVALID'],
    [{ filter: "nowhere = ''" }, 'templates[0].filter', 'FIELD_NOT_FOUND'],
    [{ values: { nowhere: '1' } }, 'templates[0].values.nowhere', 'FIELD_NOT_FOUND'],
    [{ values: { kind: 'many' } }, 'templates[0].values.kind', 'VALUE_NOT_CONVERTIBLE'],
    [{ values: { total: '1' } }, 'templates[0].values.total', 'MAPPING_INVALID'],
    [{ values: { id: '00000000-0000-4000-8000-000000000001' } }, 'templates[0].values.id', 'MAPPING_INVALID'],
  ])('%j is named with its place', (changes, path, code) => {
    expect(problemsOf([{ name: 'T', side: 'remote', ...changes }])).toEqual([[path, code]])
  })

  it('two of one name and side are refused, and a required field that every record gets by a template is not missed', () => {
    const template = { name: 'T', side: 'remote', values: { kind: '1' } } as const
    expect(problemsOf([template, template])).toEqual([['templates[1].name', 'MAPPING_INVALID']])
    const missing = (templates: Templates) =>
      validateAgainstSchemas(definitionOf({ templates }), schemas).filter(
        ({ code }) => code === 'VALUE_MISSING',
      )
    expect(missing([])).toHaveLength(1)
    expect(missing([template])).toEqual([])
    expect(missing([{ ...template, filter: "country = 'DK'" }])).toHaveLength(1)
    const first = { ...template, name: 'F', filter: "country = 'DK'", values: {} }
    expect(missing([first, { ...template, priority: 1 }])).toHaveLength(1)
  })
})
