import { afterEach, describe, expect, it } from 'vitest'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

/** A table whose trigger changes the name whenever the city changes. */
async function open(): Promise<void> {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(2)};
      CREATE FUNCTION public.rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.city IS DISTINCT FROM OLD.city THEN NEW.name := upper(NEW.name) || ' of ' || NEW.city; END IF; RETURN NEW; END $$;
      CREATE TRIGGER rename BEFORE UPDATE ON crm.account FOR EACH ROW EXECUTE FUNCTION public.rename()`,
  })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
}

const customers = () =>
  couplet.rows(`SELECT c.name, c.city, a.name AS there FROM nav.customer c JOIN crm.account a ON a.number = c.no
    WHERE c.no = 'C1'`)

describe('a field that the destination changes by itself while it takes a write', () => {
  it('P4, P5: is a change of its own side, carried back once', async () => {
    await open()
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`)
    await couplet.run('modified')
    expect(await customers()).toEqual([
      { name: 'CUSTOMER 1 of Ribe', city: 'Ribe', there: 'CUSTOMER 1 of Ribe' },
    ])
    const again = await couplet.run('full')
    for (const direction of ['to', 'from'] as const)
      expect(jobOf(again, 'CUSTOMER', direction).counters).toMatchObject({ read: 2, unchanged: 2 })
  })

  it('P5: is only how the system stores it, when it was sent as well', async () => {
    await open()
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe', name = 'Both' WHERE no = 'C1'`)
    await couplet.run('modified')
    expect(await customers()).toEqual([{ name: 'Both', city: 'Ribe', there: 'BOTH of Ribe' }])
    const again = await couplet.run('full')
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ modified: 0, conflict: 0 })
  })
})
