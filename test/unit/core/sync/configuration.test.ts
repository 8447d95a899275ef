import { expect, it } from 'vitest'
import type { Pair } from '../../../../src/core/ports/mapping-store.ts'
import { configurationOf } from '../../../../src/core/sync/configuration.ts'
import { makeMapping } from '../../../support/factories.ts'

const connection = { id: 1, name: 'erp', kind: 'memory', settings: {} } as const
const pair: Pair = {
  id: 1,
  name: 'main',
  localConnection: connection,
  remoteConnection: connection,
  localCompany: '',
  remoteCompany: '',
}

it('is another one with a corrected function, so that what failed under the old one is tried again', () => {
  const boundTo = (functions: Record<string, string>) =>
    configurationOf({ ...makeMapping(), functions }, pair)
  expect(boundTo({ 'a.ts': '1' })).toBe(boundTo({ 'a.ts': '1' }))
  expect(boundTo({ 'a.ts': '2' })).not.toBe(boundTo({ 'a.ts': '1' }))
})
