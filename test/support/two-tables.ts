/** The easy pair of tables: uuid keys, text and money, modified times kept by a trigger. */
export const twoTablesSql = `
  CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.modified := clock_timestamp(); RETURN NEW; END $$;
  CREATE SEQUENCE nav.customer_no;
  CREATE TABLE nav.customer (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), no varchar(20) NOT NULL UNIQUE DEFAULT 'N' || nextval('nav.customer_no'), name varchar(100) NOT NULL DEFAULT '',
    city varchar(30) NOT NULL DEFAULT '', credit numeric(18,2) NOT NULL DEFAULT 0, modified timestamptz NOT NULL DEFAULT clock_timestamp());
  CREATE TABLE crm.account (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number varchar(20), name varchar(160), city varchar(80), credit numeric(19,4),
    modified timestamptz NOT NULL DEFAULT clock_timestamp());
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON nav.customer FOR EACH ROW EXECUTE FUNCTION public.touch();
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON crm.account FOR EACH ROW EXECUTE FUNCTION public.touch();
`

export const customerMapping = {
  name: 'CUSTOMER',
  direction: 'Bidirectional',
  local: { table: 'customer', modifiedField: 'modified', referenceField: 'no' },
  remote: { table: 'account', modifiedField: 'modified' },
  fields: [
    { local: 'no', remote: 'number', direction: 'ToIntegrationTable' },
    { local: 'name', remote: 'name' },
    { local: 'city', remote: 'city' },
    { local: 'credit', remote: 'credit' },
  ],
}

export const insertCustomers = (count: number): string =>
  `INSERT INTO nav.customer (no, name, city, credit) SELECT 'C' || n, 'Customer ' || n, 'City ' || n % 7, n * 1.25 FROM generate_series(1, ${count}) n`

/** A second pair of tables whose records refer to customers by number; remote accounts are referred to by their key. */
export const orderTablesSql = `
  CREATE TABLE nav.orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer varchar(20) NOT NULL, note varchar(50));
  CREATE TABLE crm.orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), account uuid, note varchar(50));
  INSERT INTO nav.orders (customer, note) SELECT 'C' || n, 'Order ' || n FROM generate_series(1, 4) n`

export const orderMapping = {
  name: 'ORDERS',
  direction: 'ToIntegrationTable',
  local: { table: 'orders' },
  remote: { table: 'orders' },
  fields: [
    {
      local: 'customer',
      remote: 'account',
      direction: 'ToIntegrationTable',
      reference: { mapping: 'CUSTOMER' },
    },
    { local: 'note', remote: 'note', direction: 'ToIntegrationTable' },
  ],
}
