import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../../src/connectors/odata/json.ts'
import { etagOf, readPage } from '../../../../src/connectors/odata/page.ts'

const facts = { connection: 'crm', origin: 'https://contoso.example' }
const read = (text: string) => readPage(parseJson(text), (link, context) => `${context ?? ''}>${link}`, facts)

describe('a page', () => {
  it('has records, with the version of each, and a link to the next page', () => {
    const page = read(
      '{"@odata.context":"$metadata#accounts","@odata.count":5000,"value":[{"@odata.etag":"W/\\"7001\\"","name":"A"},{"name":"B"}],"@odata.nextLink":"accounts?p=2"}',
    )
    expect(page).toMatchObject({
      removed: [],
      next: '$metadata#accounts>accounts?p=2',
      delta: null,
      count: '5000',
    })
    expect(page.rows.map(etagOf)).toEqual(['W/"7001"', null])
  })

  it('of a change feed has what was deleted, in the words of OData 4.0 and 4.01', () => {
    const page = read(
      `{"@odata.deltaLink":"d","value":[{"name":"A"},
        {"@odata.context":"x/$metadata#accounts/$deletedEntity","id":"02","reason":"deleted"},
        {"@removed":{"reason":"changed"},"@id":"accounts(3)"}]}`,
    )
    expect(page.rows).toEqual([{ name: 'A' }])
    expect(page.removed).toEqual([
      { id: '02', reason: 'deleted' },
      { id: 'accounts(3)', reason: 'changed' },
    ])
    expect(page).toMatchObject({ next: null, delta: '>d', count: null })
  })
})
