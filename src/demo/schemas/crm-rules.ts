import { baseCurrencyId, defaultPriceListId, integrationUserId } from './crm-tables.ts'
import { modifiedTimeFunction, modifiedTimeTrigger } from './triggers.ts'

const tables = [
  'transactioncurrency',
  'systemuser',
  'uomschedule',
  'uom',
  'account',
  'contact',
  'product',
  'pricelevel',
  'productpricelevel',
]

/** A unit group is named after its unit, holds it, and knows how many units it holds (default-mappings.md §3). */
const unitGroups = `
create function crm.name_uomschedule() returns trigger language plpgsql as $$
begin
  new.name := 'NAV ' || new.baseuomname;
  return new;
end $$;
create trigger b_name before insert on crm.uomschedule
  for each row when (new.name = '') execute function crm.name_uomschedule();
create trigger b_rename before update on crm.uomschedule
  for each row when (new.name = 'NAV ' || old.baseuomname) execute function crm.name_uomschedule();

create function crm.keep_base_uom() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into crm.uom (uomscheduleid, name, isschedulebaseuom)
      values (new.uomscheduleid, new.baseuomname, true);
  else
    update crm.uom set name = new.baseuomname
      where uomscheduleid = new.uomscheduleid and isschedulebaseuom;
  end if;
  return null;
end $$;
create trigger base_uom_inserted after insert on crm.uomschedule
  for each row execute function crm.keep_base_uom();
create trigger base_uom_renamed after update on crm.uomschedule
  for each row when (new.baseuomname <> old.baseuomname) execute function crm.keep_base_uom();

create function crm.count_uoms() returns trigger language plpgsql as $$
begin
  update crm.uomschedule set unitcount = (select count(*) from crm.uom u where u.uomscheduleid = s.uomscheduleid)
    from (select distinct uomscheduleid from changed where not isschedulebaseuom) as s
    where uomschedule.uomscheduleid = s.uomscheduleid;
  return null;
end $$;
create trigger uom_added after insert on crm.uom
  referencing new table as changed for each statement execute function crm.count_uoms();
create trigger uom_removed after delete on crm.uom
  referencing old table as changed for each statement execute function crm.count_uoms();
`

const currencies = `
create function crm.complete_transactioncurrency() returns trigger language plpgsql as $$
begin
  new.currencysymbol := new.isocurrencycode;
  return new;
end $$;
create trigger b_symbol before insert on crm.transactioncurrency
  for each row when (coalesce(new.currencysymbol, '') = '')
  execute function crm.complete_transactioncurrency();
`

/** A product is measured in the unit of its group. */
const products = `
create function crm.complete_product() returns trigger language plpgsql as $$
begin
  select uomid into new.defaultuomid from crm.uom
    where uomscheduleid = new.defaultuomscheduleid and isschedulebaseuom;
  return new;
end $$;
create trigger b_unit before insert on crm.product
  for each row when (new.defaultuomid is null) execute function crm.complete_product();
create trigger b_unit_changed before update on crm.product
  for each row when (new.defaultuomscheduleid is distinct from old.defaultuomscheduleid)
  execute function crm.complete_product();
`

/** A price is that of the product's unit, unless it names another one. */
const prices = `
create function crm.complete_price() returns trigger language plpgsql as $$
begin
  select defaultuomid into new.uomid from crm.product where productid = new.productid;
  return new;
end $$;
create trigger b_unit before insert on crm.productpricelevel
  for each row when (new.uomid = '00000000-0000-0000-0000-000000000000') execute function crm.complete_price();
`

/** What every organization has from the start: its base currency and the user of its integrations. */
const firstRecords = `
insert into crm.transactioncurrency
  (transactioncurrencyid, isocurrencycode, currencyname, currencysymbol, exchangerate)
  values ('${baseCurrencyId}', 'DKK', 'Danish krone', 'kr.', 1);
insert into crm.systemuser (systemuserid, fullname, internalemailaddress, isintegrationuser)
  values ('${integrationUserId}', 'Couplet Integration', 'integration@crm.example', true);
insert into crm.pricelevel (pricelevelid, name) values ('${defaultPriceListId}', 'Standard');
`

/** The business rules of the remote side: unit groups, defaults, modified times; and the first records. */
export const crmRules = [
  modifiedTimeFunction('crm', 'modifiedon'),
  ...tables.map((table) => modifiedTimeTrigger('crm', table, 'modifiedon')),
  'create index on crm.contact (parentcustomerid);',
  unitGroups,
  currencies,
  products,
  prices,
  firstRecords,
].join('')
