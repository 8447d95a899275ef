/**
 * Name of the exclusivity group in which a record of this table may be coupled only once: all mappings of the table,
 * unless they name different groups themselves. `table` and `group` as the mapping's definition writes them.
 */
export function exclusivityGroup(connectionId: number, table: string, group: string | undefined): string {
  return JSON.stringify([connectionId, table, group ?? ''])
}
