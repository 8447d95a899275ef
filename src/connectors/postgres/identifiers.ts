/** A table by its schema and its name, both exactly as the database stores them. */
export interface TableName {
  readonly schema: string
  readonly table: string
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteTable({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** `schema.table`; a part that holds a dot or a quote is quoted, so that two tables never look the same. */
export function displayTable({ schema, table }: TableName): string {
  return [schema, table].map((part) => (/[."]/.test(part) ? quoteName(part) : part)).join('.')
}

const addressPattern = /^(?:("(?:[^"]|"")+"|[^."]+)\.)?("(?:[^"]|"")+"|[^"]+)$/

/** What a table address can mean, the likeliest first: a name (dots included) in the search schema, or `schema.table`. */
export function possibleTables(address: string, searchSchema: string): readonly TableName[] {
  const whole = { schema: searchSchema, table: address }
  const [, schema, table] = addressPattern.exec(address) ?? []
  if (table === undefined) return [whole]
  const named = { schema: schema === undefined ? searchSchema : unquote(schema), table: unquote(table) }
  return named.schema === whole.schema && named.table === whole.table ? [whole] : [whole, named]
}

function unquote(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part
}
