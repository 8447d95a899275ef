interface BackedUpTable {
  readonly name: string
  /** Columns that lead to runs, which are not part of a backup, with what stands there instead. */
  readonly instead?: Readonly<Record<string, string>>
}

/** What has to survive, in the order in which it can be put back (docs/disaster.md says what is left out). */
export const backedUpTables: readonly BackedUpTable[] = [
  { name: 'connection' },
  { name: 'pair' },
  { name: 'table_mapping', instead: { local_watermark_run: 'null', remote_watermark_run: 'null' } },
  { name: 'mapping_version' },
  { name: 'field_mapping' },
  { name: 'known_schema' },
  { name: 'coupling' },
  { name: 'uncoupled_pair' },
  { name: 'issue' },
  { name: 'inbox', instead: { job_ids: "'{}'::bigint[]" } },
  { name: 'deletion_look' },
  { name: 'schedule' },
  { name: 'blackout' },
  { name: 'pause' },
  { name: 'outcome_total' },
  { name: 'alert_channel' },
  { name: 'alert_rule' },
]
