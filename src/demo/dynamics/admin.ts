import { SyncError } from '../../core/errors.ts'

/** A record as the admin interface of a simulated system shows it. */
export type AdminRecord = Readonly<Record<string, unknown>>

/** What people do at the screens of a simulated system: nobody signs in, the rules of the system apply. */
export interface Admin {
  readAll(table: string): Promise<readonly AdminRecord[]>
  insert(table: string, values: AdminRecord): Promise<AdminRecord>
  patch(table: string, key: string, values: AdminRecord): Promise<AdminRecord>
  remove(table: string, key: string): Promise<void>
}

const pageSize = 5_000

/** `keyOf` tells the key of a record, by which the next page begins. Throws SERVICE_REFUSED. */
export function createAdmin(url: string, keyOf: (table: string, record: AdminRecord) => string): Admin {
  const call = async <T>(method: string, path: string, values?: AdminRecord): Promise<T> => {
    const answer = await fetch(`${url}/_admin/tables/${path}`, {
      method,
      ...(values === undefined ? {} : { body: JSON.stringify(values) }),
    })
    const body: unknown = await answer.json()
    if (answer.ok) return body as T
    throw new SyncError('SERVICE_REFUSED', `${method} ${path}: ${JSON.stringify(body)}`)
  }
  return {
    async readAll(table) {
      const records: AdminRecord[] = []
      for (let after = ''; ; ) {
        const query = new URLSearchParams({ top: String(pageSize), ...(after === '' ? {} : { after }) })
        const page = await call<readonly AdminRecord[]>('GET', `${table}?${query}`)
        records.push(...page)
        const last = page.at(-1)
        if (page.length < pageSize || last === undefined) return records
        after = keyOf(table, last)
      }
    },
    insert: (table, values) => call('POST', table, values),
    patch: (table, key, values) => call('PATCH', `${table}/${key}`, values),
    remove: (table, key) => call('DELETE', `${table}/${key}`),
  }
}

/** The text of a column; blank where there is none. */
export function textOf(record: AdminRecord | undefined, column: string): string {
  const value = record?.[column] ?? ''
  return String(value)
}
