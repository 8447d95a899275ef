/**
 * A trigger that sets the modified time of a table on each real change and ignores what a writer puts there. An update
 * that changes nothing keeps the time. The time always moves forward, also when the clock of the server does not.
 * Named `z_…`: it fires after the rules that may still change the record.
 */
export function modifiedTimeTrigger(schema: string, table: string, field: string): string {
  return `
create trigger z_modified before insert or update on ${schema}.${table}
  for each row execute function ${schema}.set_${field}();
create index on ${schema}.${table} (${field}, ${keyOf(schema, table)});
`
}

/** The function behind `modifiedTimeTrigger`, once per schema. */
export function modifiedTimeFunction(schema: string, field: string): string {
  return `
create function ${schema}.set_${field}() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.${field} := clock_timestamp();
    return new;
  end if;
  new.${field} := old.${field};
  if new is distinct from old then
    new.${field} := greatest(clock_timestamp(), old.${field} + interval '1 microsecond');
  end if;
  return new;
end $$;
`
}

/**
 * A trigger that stores codes as NAV does: in capitals and without outer blanks. The condition keeps it out of the
 * way of records that are right already, which is nearly all of them in bulk.
 */
export function codeTrigger(table: string, fields: readonly string[]): string {
  const isWrong = fields.map((field) => `new.${field} <> upper(btrim(new.${field}))`).join(' or ')
  const corrections = fields.map((field) => `  new.${field} := upper(btrim(new.${field}));`).join('\n')
  return `
create function nav.normalise_${table}() returns trigger language plpgsql as $$
begin
${corrections}
  return new;
end $$;
create trigger a_codes before insert or update on nav.${table}
  for each row when (${isWrong}) execute function nav.normalise_${table}();
`
}

/**
 * A trigger that gives a record without a number the next one of its series, such as `C00001`. A sequence and not a
 * counter row, so that many writers do not wait for each other; a rolled back creation leaves a gap.
 */
export function numberSeriesTrigger(series: {
  table: string
  field: 'no' | 'code'
  sequence: string
  prefix: string
}): string {
  const { table, field, sequence, prefix } = series
  return `
create function nav.number_${table}() returns trigger language plpgsql as $$
begin
  new.${field} := '${prefix}' || lpad(nextval('nav.${sequence}')::text, 5, '0');
  return new;
end $$;
create trigger b_number before insert on nav.${table}
  for each row when (new.${field} = '') execute function nav.number_${table}();
`
}

function keyOf(schema: string, table: string): string {
  return schema === 'nav' ? 'system_id' : `${table}id`
}
