/** One record to insert, by column; decimals as text, so that nothing is rounded on the way. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

/** Rows of one side by table, in the order they have to be inserted. */
export type SideRows = readonly { readonly table: string; readonly rows: readonly Row[] }[]

/** Money and quantities with two decimals, from cents. */
export function decimal(hundredths: number): string {
  return (hundredths / 100).toFixed(2)
}
