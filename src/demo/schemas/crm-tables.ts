/** Stands for the local currency, which has no row on the local side; accounts and products default to it. */
export const baseCurrencyId = '00000000-0000-4000-8000-000000000001'

/** The user as whom integrations write; owns what nobody else owns. */
export const integrationUserId = '00000000-0000-4000-8000-000000000002'

/** The price list of the local currency, which every product is to be in. */
export const defaultPriceListId = '00000000-0000-4000-8000-000000000003'

/**
 * The tables of the remote side as SQL, shaped like the entities of Dynamics 365 Sales / Dataverse
 * (default-mappings.md §1–§7): uuid keys, optional texts are null, option sets are numbers out of a list, lookups exist.
 *
 * `modifiedon` keeps microseconds although the product itself rounds to seconds: there is no other version column
 * here, and two changes within one second must be told apart.
 */
export const crmTables = `
create schema crm;

create table crm.transactioncurrency (
  transactioncurrencyid uuid primary key default gen_random_uuid(),
  isocurrencycode varchar(5) not null unique,
  currencyname varchar(100) not null,
  currencysymbol varchar(10),
  exchangerate numeric(28,12) not null check (exchangerate > 0),
  currencyprecision integer not null default 2 check (currencyprecision between 0 and 4),
  statecode integer not null default 0 check (statecode in (0, 1)),
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp()
);

create table crm.systemuser (
  systemuserid uuid primary key default gen_random_uuid(),
  fullname varchar(200) not null,
  internalemailaddress varchar(100),
  personalemailaddress varchar(100),
  mobilephone varchar(64),
  jobtitle varchar(100),
  isdisabled boolean not null default false,
  islicensed boolean not null default true,
  isintegrationuser boolean not null default false,
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp()
);

create table crm.uomschedule (
  uomscheduleid uuid primary key default gen_random_uuid(),
  name varchar(200) not null default '' unique,
  baseuomname varchar(100) not null,
  description varchar(2000),
  -- How many units the group holds; kept by a trigger.
  unitcount integer not null default 1,
  statecode integer not null default 0 check (statecode in (0, 1)),
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp()
);

create table crm.uom (
  uomid uuid primary key default gen_random_uuid(),
  uomscheduleid uuid not null references crm.uomschedule,
  name varchar(100) not null,
  quantity numeric(23,10) not null default 1,
  isschedulebaseuom boolean not null default false,
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp(),
  unique (uomscheduleid, name)
);

create table crm.account (
  accountid uuid primary key default gen_random_uuid(),
  name varchar(160) not null,
  accountnumber varchar(20),
  customertypecode integer default 3
    check (customertypecode in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
  owneridtype varchar(64) not null default 'systemuser' check (owneridtype in ('systemuser', 'team')),
  ownerid uuid not null default '${integrationUserId}' references crm.systemuser,
  transactioncurrencyid uuid not null default '${baseCurrencyId}' references crm.transactioncurrency,
  primarycontactid uuid,
  address1_primarycontactname varchar(100),
  address1_line1 varchar(250),
  address1_line2 varchar(250),
  address1_postalcode varchar(20),
  address1_city varchar(80),
  address1_country varchar(80),
  address1_stateorprovince varchar(50),
  address1_freighttermscode integer check (address1_freighttermscode in (1, 2)),
  address1_shippingmethodcode integer check (address1_shippingmethodcode in (1, 2, 3, 4, 5, 6, 7)),
  paymenttermscode integer check (paymenttermscode in (1, 2, 3, 4)),
  emailaddress1 varchar(100),
  fax varchar(50),
  websiteurl varchar(200),
  telephone1 varchar(50),
  telephone2 varchar(50),
  creditlimit numeric(19,4),
  statecode integer not null default 0 check (statecode in (0, 1)),
  statuscode integer not null default 1 check (statuscode in (1, 2)),
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp()
);

create table crm.contact (
  contactid uuid primary key default gen_random_uuid(),
  firstname varchar(50),
  middlename varchar(50),
  lastname varchar(50),
  fullname varchar(160) generated always as
    (btrim(coalesce(firstname, '') || ' ' || coalesce(lastname, ''))) stored,
  salutation varchar(100),
  parentcustomerid uuid references crm.account,
  parentcustomeridtype varchar(64) check (parentcustomeridtype in ('account', 'contact')),
  owneridtype varchar(64) not null default 'systemuser' check (owneridtype in ('systemuser', 'team')),
  ownerid uuid not null default '${integrationUserId}' references crm.systemuser,
  transactioncurrencyid uuid not null default '${baseCurrencyId}' references crm.transactioncurrency,
  address1_line1 varchar(250),
  address1_line2 varchar(250),
  address1_postalcode varchar(20),
  address1_city varchar(80),
  address1_country varchar(80),
  address1_stateorprovince varchar(50),
  emailaddress1 varchar(100),
  fax varchar(50),
  websiteurl varchar(200),
  mobilephone varchar(50),
  pager varchar(50),
  telephone1 varchar(50),
  statecode integer not null default 0 check (statecode in (0, 1)),
  statuscode integer not null default 1 check (statuscode in (1, 2)),
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp()
);

alter table crm.account add foreign key (primarycontactid) references crm.contact;

-- In Dataverse product numbers are unique by themselves; here only together with the type, because an item and a
-- resource of the local side may have the same number and both must find their place.
create table crm.product (
  productid uuid primary key default gen_random_uuid(),
  productnumber varchar(100) not null,
  producttypecode integer not null default 1 check (producttypecode in (1, 2, 3, 4)),
  name varchar(100) not null,
  price numeric(19,4),
  standardcost numeric(19,4),
  currentcost numeric(19,4),
  stockvolume numeric(23,10),
  stockweight numeric(23,10),
  quantityonhand numeric(23,10),
  quantitydecimal integer not null default 2 check (quantitydecimal between 0 and 5),
  vendorid varchar(100),
  vendorname varchar(100),
  vendorpartnumber varchar(100),
  defaultuomscheduleid uuid not null references crm.uomschedule,
  defaultuomid uuid references crm.uom,
  transactioncurrencyid uuid not null default '${baseCurrencyId}' references crm.transactioncurrency,
  statecode integer not null default 0 check (statecode in (0, 1, 2, 3)),
  statuscode integer not null default 1,
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp(),
  unique (productnumber, producttypecode)
);

create table crm.pricelevel (
  pricelevelid uuid primary key default gen_random_uuid(),
  name varchar(100) not null unique,
  transactioncurrencyid uuid not null default '${baseCurrencyId}' references crm.transactioncurrency,
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp()
);

-- What a product costs in a price list, per unit.
create table crm.productpricelevel (
  productpricelevelid uuid primary key default gen_random_uuid(),
  pricelevelid uuid not null references crm.pricelevel,
  productid uuid not null references crm.product,
  uomid uuid not null default '00000000-0000-0000-0000-000000000000',
  amount numeric(19,4) not null check (amount >= 0),
  createdon timestamptz not null default clock_timestamp(),
  modifiedon timestamptz not null default clock_timestamp(),
  unique (pricelevelid, productid, uomid)
);
`
