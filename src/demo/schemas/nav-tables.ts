/**
 * The tables of the local side as SQL, shaped like those of Dynamics NAV / Business Central
 * (default-mappings.md §1–§7): texts are blank, never null; codes are domains `code_<length>`.
 *
 * `system_modified_at` keeps microseconds although the product itself rounds to milliseconds: there is no other
 * version column here, and two changes within one millisecond must be told apart.
 */
export const navTables = `
create schema nav;

create domain nav.code_10 as varchar(10);
create domain nav.code_20 as varchar(20);

create sequence nav.customer_no;
create sequence nav.contact_no;
create sequence nav.salesperson_no;
create sequence nav.resource_no;
create sequence nav.item_no;

create table nav.currency (
  system_id uuid primary key default gen_random_uuid(),
  code nav.code_10 not null unique check (code <> ''),
  symbol varchar(10) not null default '',
  description varchar(30) not null default '',
  -- Latest rate from the local currency to this one; kept by a trigger, null while there is no rate.
  current_exchange_rate numeric(28,12),
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);

-- exchange_rate_amount of the currency is worth relational_exch_rate_amount of the local currency.
create table nav.currency_exchange_rate (
  currency_code nav.code_10 not null,
  starting_date date not null,
  exchange_rate_amount numeric(18,5) not null check (exchange_rate_amount > 0),
  relational_exch_rate_amount numeric(18,5) not null check (relational_exch_rate_amount > 0),
  primary key (currency_code, starting_date)
);

create table nav.salesperson_purchaser (
  system_id uuid primary key default gen_random_uuid(),
  code nav.code_20 not null default '' unique,
  name varchar(50) not null default '',
  e_mail varchar(80) not null default '',
  e_mail_2 varchar(80) not null default '',
  phone_no varchar(30) not null default '',
  job_title varchar(30) not null default '',
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);

create table nav.unit_of_measure (
  system_id uuid primary key default gen_random_uuid(),
  code nav.code_10 not null unique check (code <> ''),
  description varchar(50) not null default '',
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);

create table nav.customer (
  system_id uuid primary key default gen_random_uuid(),
  no nav.code_20 not null default '' unique,
  name varchar(100) not null default '',
  contact varchar(100) not null default '',
  address varchar(100) not null default '',
  address_2 varchar(50) not null default '',
  post_code nav.code_20 not null default '',
  city varchar(30) not null default '',
  country_region_code nav.code_10 not null default '',
  county varchar(30) not null default '',
  currency_code nav.code_10 not null default '',
  salesperson_code nav.code_20 not null default '',
  primary_contact_no nav.code_20 not null default '',
  e_mail varchar(80) not null default '',
  fax_no varchar(30) not null default '',
  home_page varchar(255) not null default '',
  phone_no varchar(30) not null default '',
  mobile_phone_no varchar(30) not null default '',
  shipment_method_code nav.code_10 not null default '',
  shipping_agent_code nav.code_10 not null default '',
  payment_terms_code nav.code_10 not null default '',
  credit_limit_lcy numeric(18,5) not null default 0,
  blocked varchar(10) not null default '' check (blocked in ('', 'Ship', 'Invoice', 'All')),
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);

create table nav.contact (
  system_id uuid primary key default gen_random_uuid(),
  no nav.code_20 not null default '' unique,
  type varchar(10) not null default 'Company' check (type in ('Company', 'Person')),
  -- The number of the customer a person works for.
  company_no nav.code_20 not null default '',
  first_name varchar(30) not null default '',
  middle_name varchar(30) not null default '',
  surname varchar(30) not null default '',
  salutation_code nav.code_10 not null default '',
  salesperson_code nav.code_20 not null default '',
  currency_code nav.code_10 not null default '',
  address varchar(100) not null default '',
  address_2 varchar(50) not null default '',
  post_code nav.code_20 not null default '',
  city varchar(30) not null default '',
  country_region_code nav.code_10 not null default '',
  county varchar(30) not null default '',
  e_mail varchar(80) not null default '',
  fax_no varchar(30) not null default '',
  home_page varchar(255) not null default '',
  mobile_phone_no varchar(30) not null default '',
  pager varchar(30) not null default '',
  phone_no varchar(30) not null default '',
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);

create table nav.resource (
  system_id uuid primary key default gen_random_uuid(),
  no nav.code_20 not null default '' unique,
  name varchar(100) not null default '',
  base_unit_of_measure nav.code_10 not null default '',
  unit_price numeric(18,5) not null default 0,
  unit_cost numeric(18,5) not null default 0,
  vendor_no nav.code_20 not null default '',
  capacity numeric(18,5) not null default 0,
  blocked boolean not null default false,
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);

create table nav.item (
  system_id uuid primary key default gen_random_uuid(),
  no nav.code_20 not null default '' unique,
  description varchar(100) not null default '',
  base_unit_of_measure nav.code_10 not null default '',
  unit_price numeric(18,5) not null default 0,
  unit_cost numeric(18,5) not null default 0,
  unit_volume numeric(18,5) not null default 0,
  gross_weight numeric(18,5) not null default 0,
  vendor_no nav.code_20 not null default '',
  vendor_item_no varchar(50) not null default '',
  inventory numeric(18,5) not null default 0,
  blocked boolean not null default false,
  system_created_at timestamptz not null default clock_timestamp(),
  system_modified_at timestamptz not null default clock_timestamp()
);
`
