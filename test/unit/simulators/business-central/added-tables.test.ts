import { expect, it } from 'vitest'
import { signIn, startCronus } from '../../../support/business-central.ts'

it('a table of an extension may be addressed by id, draw its numbers, and refuse texts', async () => {
  const ids: string[] = []
  for (const _start of [1, 2]) {
    const server = await startCronus({ customers: 0 })
    const people = await signIn(server)
    const definition = {
      entitySet: 'numberedThings',
      fields: [
        { name: 'number', kind: 'code', length: 20 },
        { name: 'name', kind: 'text', length: 50 },
      ],
      key: ['number'],
      byId: true,
      numberSeries: { column: 'number', prefix: 'T', digits: 3 },
      refuses: 'nonsense',
    }
    expect((await people.admin('added-tables', { body: definition })).status).toBe(200)
    const first = await people.custom('numberedThings', { body: { name: 'One' } })
    expect(first.json).toMatchObject({ number: 'T001', name: 'One' })
    expect(first.json.lastModifiedDateTime).toMatch(/^2/)
    const second = await people.custom('numberedThings', { body: { name: 'Two' } })
    expect(second.json.number).toBe('T002')
    expect((await people.custom(`numberedThings(${first.json.id})`)).json.number).toBe('T001')
    const refused = await people.custom('numberedThings', { body: { name: 'What nonsense' } })
    expect([refused.status, refused.json.error.code]).toEqual([400, 'Application_FieldValidationException'])
    ids.push(first.json.id)
    await server.close()
  }
  expect(ids[0], 'the same requests make the same ids').toBe(ids[1])
})
