interface BackedUpTable {
  readonly name: string
  /** Columns that are not part of a backup, such as those that lead to runs, with what stands there instead. */
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
  // Rows of a restored store are older than the systems, so they are written once with the mark that says so.
  { name: 'coupling', instead: { is_restored: 'true' } },
  { name: 'uncoupled_pair' },
  { name: 'issue' },
  { name: 'inbox', instead: { job_ids: "'{}'::bigint[]", operation_ids: "'{}'::bigint[]" } },
  { name: 'deletion_look' },
  { name: 'schedule' },
  { name: 'blackout' },
  { name: 'pause' },
  { name: 'outcome_total' },
  { name: 'alert_channel' },
  { name: 'alert_rule' },
  {
    name: 'webhook_endpoint',
    instead: {
      secret: 'null',
      previous_secret: 'null',
      previous_until: 'null',
      enabled: 'false',
      disabled_reason: "'Its secret is in no backup: couplet webhooks rotate, then enable'",
    },
  },
]
