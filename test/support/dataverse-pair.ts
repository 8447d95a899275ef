import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { application, type OpenDataverse, openDataverse } from './dataverse.ts'
import { createInstallation, type Installation, importAll } from './installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from './two-tables.ts'

/** Customers in Postgres, accounts in Dataverse. */
export interface DataversePair {
  readonly couplet: Installation
  readonly dataverse: OpenDataverse
  close(): Promise<void>
}

/** Connected as an installation connects them: settings in the store. Workers run. */
export async function openDataversePair(
  settings: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<DataversePair> {
  const dataverse = await openDataverse({
    time: { now: () => new Date(), monotonicMs: () => performance.now() },
    size: { customers: 0, vendors: 0, contacts: 0, items: 0, resources: 0 },
  })
  process.env['CRM_SECRET'] = application.clientSecret
  const couplet = await createInstallation({ systemsSql: twoTablesSql, env })
  const { url, tenant } = dataverse.simulator
  const stored = {
    url,
    tenant,
    authority: url,
    clientId: application.clientId,
    clientSecret: 'env:CRM_SECRET',
    ...settings,
  }
  await couplet.store.query('UPDATE couplet.connection SET kind = $1, settings = $2 WHERE name = $3', [
    'dataverse',
    JSON.stringify(stored),
    couplet.pair.remoteConnection.name,
  ])
  const remoteConnection = { ...couplet.pair.remoteConnection, kind: 'dataverse', settings: stored }
  const pair: Pair = { ...couplet.pair, remoteConnection }
  const mapping = {
    ...customerMapping,
    remote: { table: 'account', modifiedField: 'modifiedon' },
    deletionConflict: 'Propagate Deletion',
    fields: [
      { local: 'no', remote: 'accountnumber', direction: 'ToIntegrationTable' },
      { local: 'name', remote: 'name' },
      { local: 'city', remote: 'address1_city' },
      { local: 'credit', remote: 'creditlimit' },
      { remote: 'owneridtype', direction: 'ToIntegrationTable', constant: 'systemuser' },
    ],
  }
  await importAll(pair, [mapping], couplet.context)
  await couplet.systems.query(insertCustomers(120))
  await couplet.work()
  return {
    couplet,
    dataverse,
    async close() {
      await couplet.close()
      await dataverse.close()
    },
  }
}
