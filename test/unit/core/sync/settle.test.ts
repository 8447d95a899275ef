import { describe, expect, it } from 'vitest'
import { type Agreement, plainAgreement } from '../../../../src/core/sync/plan.ts'
import { settleCoupling } from '../../../../src/core/sync/settle.ts'
import { makeCoupling, makeMapping, makeRecord } from '../../../support/factories.ts'

const base = { name: 'Adatum', city: 'Aarhus', phone: '1' }
const mapping = makeMapping()
const agreed: Agreement = plainAgreement

function settle(
  localNow: Record<string, string>,
  remoteNow: Record<string, string>,
  agreement: Agreement,
  using = mapping,
) {
  const { coupling, bases } = makeCoupling(using, makeRecord('local', base), makeRecord('remote', base))
  const source = makeRecord('local', localNow, 'v2')
  const destination = makeRecord('remote', remoteNow, 'v3')
  return settleCoupling({
    mapping: using,
    direction: 'to',
    source,
    destination,
    coupling,
    bases,
    agreement,
    generation: 0,
    jobId: 1,
  })
}

describe('the coupling after an agreement', () => {
  it('remembers both versions and each side’s own values', () => {
    const written = settle({ ...base, phone: '2' }, { ...base, phone: '2', city: 'Aarhus' }, agreed)
    expect(written.local).toMatchObject({ version: 'v2', reference: 'text:C1' })
    expect(written.remote.version).toBe('v3')
    expect(written.bases.local['phone']).toBe('text:2')
  })

  it('keeps the old base of a field that is left to the other direction, and no version of that side', () => {
    const written = settle(
      { ...base, phone: '2' },
      { ...base, phone: '2', city: 'Odense' },
      { ...agreed, left: new Set(['city']) },
    )
    expect(written.bases.remote).toMatchObject({ phone: 'text:2', city: 'text:Aarhus' })
    expect(written.remote).toMatchObject({ version: null, fingerprint: null })
    expect(written.local.version).toBe('v2')
  })

  it('lets no reader take the short way past a reference that is still to be filled in', () => {
    const written = settle(base, base, { ...agreed, awaits: [{ mapping: 'CONTACT', reference: 'text:CT1' }] })
    expect(written.local).toMatchObject({ version: null, fingerprint: null })
  })

  it('says nothing about fields that only the other direction carries', () => {
    const using = makeMapping({
      fields: [
        { local: 'name', remote: 'name' },
        { local: 'city', remote: 'city', direction: 'FromIntegrationTable' },
      ],
    })
    const written = settle({ ...base, city: 'changed here' }, { ...base, city: 'Odense' }, agreed, using)
    expect(written.bases.local['city']).toBe('text:Aarhus')
    expect(written.bases.remote['city']).toBe('text:Aarhus')
    expect(written.remote.version).toBeNull()
  })
})
