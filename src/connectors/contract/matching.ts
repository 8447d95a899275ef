import { type Normaliser, normaliseMatch, normalisers } from '../../core/coupling/normalise.ts'
import type { MatchRequest } from '../../core/ports/connector.ts'
import { expect } from './expect.ts'
import type { ContractSuite } from './suite.ts'
import { customer, customers, open, signal, sorted } from './support.ts'

/** Every normaliser alone, and some after each other. */
const normaliserLists: readonly (readonly Normaliser[])[] = [
  ...normalisers.map((name) => [name]),
  ['accents', 'e-mail'],
  ['trim', 'accents', 'phone'],
]

export function matchingContract({ describe, test, getSystem }: ContractSuite): void {
  describe('finding by match fields', () => {
    async function find(
      request: Pick<MatchRequest, 'matchFields' | 'candidates'> & Partial<MatchRequest>,
    ): Promise<readonly (readonly string[])[]> {
      const definition = customers()
      const table = await open(getSystem(), definition)
      await getSystem().insert(
        definition.table,
        customer('1', { Name: 'text:Contoso', 'E-Mail': 'text:info@contoso.com', Balance: 'dec:1.5' }),
        customer('2', { Name: 'text:CONTOSO', 'E-Mail': 'text:sales@contoso.com', Balance: 'dec:1.5' }),
        customer('3', { Name: "text:O'Brien % _", 'E-Mail': null }),
        customer('4', { Name: 'text:Ærø', 'E-Mail': null }),
      )
      const found = await table.findByMatch({
        fields: ['Name'],
        filter: null,
        limitPerCandidate: 5,
        signal,
        ...request,
      })
      return found.map((records) => sorted(records.map((record) => record.key)))
    }

    test('upper and lower case matter or not, as asked', async () => {
      const candidates = [['text:contoso'], ['text:Contoso'], ['text:nobody']] as const
      expect(await find({ matchFields: [{ field: 'Name', caseSensitive: false }], candidates })).toEqual([
        ['text:1', 'text:2'],
        ['text:1', 'text:2'],
        [],
      ])
      expect(await find({ matchFields: [{ field: 'Name', caseSensitive: true }], candidates })).toEqual([
        [],
        ['text:1'],
        [],
      ])
    })

    test('letters of all languages have upper and lower case', async () => {
      const matchFields = [{ field: 'Name', caseSensitive: false }]
      expect(await find({ matchFields, candidates: [['text:æRØ']] })).toEqual([['text:4']])
    })

    test('all match fields must be equal, and characters have no special meaning', async () => {
      const matchFields = [
        { field: 'Name', caseSensitive: false },
        { field: 'E-Mail', caseSensitive: false },
      ]
      const candidates = [
        ['text:Contoso', 'text:INFO@contoso.com'],
        ['text:Contoso', 'text:nobody@contoso.com'],
        ["text:O'Brien % _", 'text:x'],
      ] as const
      expect(await find({ matchFields, candidates })).toEqual([['text:1'], [], []])
      const byName = [{ field: 'Name', caseSensitive: true }]
      expect(await find({ matchFields: byName, candidates: [["text:O'Brien % _"], ['text:%']] })).toEqual([
        ['text:3'],
        [],
      ])
    })

    test('spellings are made equal on the side of the system as they are on ours', async () => {
      const definition = customers()
      const table = await open(getSystem(), definition)
      const spellings = ['  Zoë@X.com\t', '\u00a0zoe@x.com', '+45 12-34 56', '0045 (12) 3456', 'ÅRØ', "o'é\\"]
      await getSystem().insert(
        definition.table,
        ...spellings.map((spelling, index) => customer(String(index), { Name: `text:${spelling}` })),
      )
      for (const names of normaliserLists) {
        const wanted = spellings.map((spelling) => normaliseMatch(`text:${spelling}`, names))
        const asked = wanted.filter((value) => value !== 'text:')
        const found = await table.findByMatch({
          fields: [],
          filter: null,
          limitPerCandidate: 9,
          signal,
          matchFields: [{ field: 'Name', caseSensitive: true, normalise: names }],
          candidates: asked.map((value) => [value]),
        })
        const same = (value: string) =>
          wanted.flatMap((other, index) => (other === value ? [`text:${index}`] : []))
        expect(found.map((records) => sorted(records.map((record) => record.key)))).toEqual(asked.map(same))
      }
    })

    test('numbers match by value; the limit holds for each candidate, equal ones too', async () => {
      const matchFields = [{ field: 'Balance', caseSensitive: false }]
      const candidates = [['dec:1.5'], ['dec:1.5'], ['dec:2']] as const
      const found = await find({ matchFields, candidates, limitPerCandidate: 1 })
      expect(found.map((keys) => keys.length)).toEqual([1, 1, 0])
    })

    test('only records that pass the filter are found; without candidates there is nothing', async () => {
      const matchFields = [{ field: 'Name', caseSensitive: false }]
      const filter = { field: 'E-Mail', op: 'begins with', value: 'text:sales' } as const
      expect(await find({ matchFields, candidates: [['text:contoso']], filter })).toEqual([['text:2']])
      expect(await find({ matchFields, candidates: [] })).toEqual([])
    })
  })
}
