import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type OpenDataverse,
  openDataverse,
  readAll,
  refusalOf,
  smallSize,
} from '../../../support/dataverse.ts'

const day = 86_400_000
let dataverse: OpenDataverse
beforeEach(async () => {
  dataverse = await openDataverse()
})
afterEach(() => dataverse.close())

const track = 'odata.track-changes'
const start = async (path = 'accounts?$select=name', size = 10) => {
  const { records, last } = await readAll(dataverse, path, `${track},odata.maxpagesize=${size}`)
  return { records, link: last['@odata.deltaLink'] as string }
}
const edit = (action: string, table: string, key: string | null, values = {}) =>
  key === null
    ? dataverse.admin(`tables/${table}`, values)
    : dataverse.admin(`tables/${table}/${key}`, values, action === 'delete' ? 'DELETE' : 'PATCH')

describe('change tracking (row 8)', () => {
  it('begins with all records, and then gives those that have changed, and a new link', async () => {
    const { records, link } = await start()
    expect(records).toHaveLength(smallSize.customers + smallSize.vendors)
    const nothing = await dataverse.get(link)
    expect(nothing.json.value).toEqual([])
    expect(nothing.json['@odata.context']).toContain('#accounts(name)/$delta')
    await edit('patch', 'account', records[3].accountid, { name: 'Changed' })
    const changed = await dataverse.get(nothing.json['@odata.deltaLink'])
    expect(changed.json.value).toMatchObject([{ accountid: records[3].accountid, name: 'Changed' }])
    const quiet = await dataverse.get(changed.json['@odata.deltaLink'])
    expect(quiet.json.value).toEqual([])
  })

  it('tells of deletions, also of records made and deleted in between; changed records first', async () => {
    const { records, link } = await start()
    await edit('delete', 'account', records[0].accountid)
    await edit('patch', 'account', records[1].accountid, { name: 'Changed' })
    const brief = await edit('insert', 'account', null, { name: 'Brief' })
    await edit('delete', 'account', brief.accountid)
    const { value } = (await dataverse.get(link)).json
    expect(value).toHaveLength(3)
    expect(value[0]).toMatchObject({ accountid: records[1].accountid })
    expect(value.slice(1).map((each: { id: string }) => each.id)).toEqual([
      records[0].accountid,
      brief.accountid,
    ])
    expect(value[1]).toMatchObject({
      reason: 'deleted',
      '@odata.context': expect.stringContaining('$deletedEntity'),
    })
  })

  it('comes in pages, records and tombstones alike', async () => {
    const { records, link } = await start()
    for (const record of records.slice(0, 7)) await edit('patch', 'account', record.accountid, { name: 'P' })
    for (const record of records.slice(10, 17)) await edit('delete', 'account', record.accountid)
    const changes = await readAll(dataverse, link, 'odata.maxpagesize=3')
    expect(changes.pages.map((page) => page.json.value.length)).toEqual([3, 3, 3, 3, 2])
    expect(changes.records.filter((each) => each.reason === 'deleted')).toHaveLength(7)
    expect((await dataverse.get(changes.last['@odata.deltaLink'])).json.value).toEqual([])
  })

  it('does not lose what changes while the first pages are read', async () => {
    const first = await dataverse.get('accounts?$select=name', `${track},odata.maxpagesize=30`)
    await edit('patch', 'account', first.json.value[0].accountid, { name: 'Meanwhile' })
    const second = await dataverse.get(first.json['@odata.nextLink'])
    const changes = await dataverse.get(second.json['@odata.deltaLink'])
    expect(changes.json.value).toMatchObject([{ name: 'Meanwhile' }])
  })

  it.each(['$filter=statecode eq 0', '$orderby=name', '$expand=primarycontactid', '$top=5'])(
    'refuses %s',
    async (option) => {
      const answer = await dataverse.get(`accounts?${option}`, track)
      expect(refusalOf(answer)).toBe('400 0x0')
      expect(answer.json.error.message).toContain("isn't supported when Change Tracking is enabled")
    },
  )

  it('a link expires by the clock, and fails then', async () => {
    const { link } = await start()
    dataverse.simulator.time.advance(7 * day - 1_000)
    await dataverse.signIn()
    expect((await dataverse.get(link)).status).toBe(200)
    dataverse.simulator.time.advance(2_000)
    expect(refusalOf(await dataverse.get(link))).toBe('400 0x80044352')
    await dataverse.admin('change-tracking', { expireDays: 8 })
    expect((await dataverse.get(link)).status).toBe(200)
  })

  it('a link of another table is refused, and so is a table without tracking', async () => {
    const { link } = await start()
    const other = link.replace('/accounts?', '/contacts?').replace('name', 'fullname')
    expect(refusalOf(await dataverse.get(other))).toBe('400 0x0')
    expect(refusalOf(await dataverse.get('organizations', track))).toBe('400 0x0')
  })
})
