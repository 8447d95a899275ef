import { codeTrigger, modifiedTimeFunction, modifiedTimeTrigger, numberSeriesTrigger } from './triggers.ts'

const synchronizedTables = [
  'currency',
  'salesperson_purchaser',
  'unit_of_measure',
  'customer',
  'contact',
  'resource',
  'item',
]

const codeFields: Readonly<Record<string, readonly string[]>> = {
  currency: ['code'],
  currency_exchange_rate: ['currency_code'],
  salesperson_purchaser: ['code'],
  unit_of_measure: ['code'],
  customer: [
    'no',
    'post_code',
    'country_region_code',
    'currency_code',
    'salesperson_code',
    'primary_contact_no',
    'shipment_method_code',
    'shipping_agent_code',
    'payment_terms_code',
  ],
  contact: [
    'no',
    'company_no',
    'salutation_code',
    'salesperson_code',
    'currency_code',
    'post_code',
    'country_region_code',
  ],
  resource: ['no', 'base_unit_of_measure', 'vendor_no'],
  item: ['no', 'base_unit_of_measure', 'vendor_no'],
}

const numberSeries = [
  { table: 'salesperson_purchaser', field: 'code', sequence: 'salesperson_no', prefix: 'SP NO. ' },
  { table: 'customer', field: 'no', sequence: 'customer_no', prefix: 'C' },
  { table: 'contact', field: 'no', sequence: 'contact_no', prefix: 'CT' },
  { table: 'resource', field: 'no', sequence: 'resource_no', prefix: 'R' },
  { table: 'item', field: 'no', sequence: 'item_no', prefix: 'I' },
] as const

/**
 * A new rate changes the currency itself (default-mappings.md §1 rule 2). Statement triggers: one update however many
 * rates are loaded. The rate with the newest date counts, so that nothing changes by the mere passing of time.
 */
const exchangeRates = `
create function nav.latest_exchange_rate(of_currency text) returns numeric language sql stable as $$
  select round(exchange_rate_amount / relational_exch_rate_amount, 12)
  from nav.currency_exchange_rate where currency_code = of_currency
  order by starting_date desc limit 1
$$;
create function nav.keep_exchange_rates() returns trigger language plpgsql as $$
begin
  update nav.currency set current_exchange_rate = nav.latest_exchange_rate(code)
  where code in (select currency_code from changed)
    and current_exchange_rate is distinct from nav.latest_exchange_rate(code);
  return null;
end $$;
create function nav.find_exchange_rate() returns trigger language plpgsql as $$
begin
  new.current_exchange_rate := nav.latest_exchange_rate(new.code);
  return new;
end $$;
create trigger b_rate before insert on nav.currency
  for each row execute function nav.find_exchange_rate();
create trigger rate_inserted after insert on nav.currency_exchange_rate
  referencing new table as changed for each statement execute function nav.keep_exchange_rates();
create trigger rate_deleted after delete on nav.currency_exchange_rate
  referencing old table as changed for each statement execute function nav.keep_exchange_rates();
create trigger rate_updated_new after update on nav.currency_exchange_rate
  referencing new table as changed for each statement execute function nav.keep_exchange_rates();
create trigger rate_updated_old after update on nav.currency_exchange_rate
  referencing old table as changed for each statement execute function nav.keep_exchange_rates();
`

/** The business rules of the local side: codes, number series, exchange rates, modified times. */
export const navRules = [
  modifiedTimeFunction('nav', 'system_modified_at'),
  ...synchronizedTables.map((table) => modifiedTimeTrigger('nav', table, 'system_modified_at')),
  ...Object.entries(codeFields).map(([table, fields]) => codeTrigger(table, fields)),
  ...numberSeries.map(numberSeriesTrigger),
  exchangeRates,
].join('')
