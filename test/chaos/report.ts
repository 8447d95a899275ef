/** What a campaign has done, and what has come of it: a table for docs/proofs.md. */
export interface Campaign {
  readonly seed: number
  readonly queue: string
  /** By name of the harm, how often it was done. */
  readonly harms: ReadonlyMap<string, number>
  readonly edits: number
  readonly runs: number
  /** Rows of the ledger: records that were written, coupled or refused. */
  readonly outcomes: number
  readonly endedByThemselves: number
  readonly violations: readonly string[]
}

export function formatCampaign(campaign: Campaign): string {
  const { harms, violations } = campaign
  const total = [...harms.values()].reduce((sum, count) => sum + count, 0)
  return [
    `${total} harms over ${campaign.queue}, seed ${campaign.seed}: ${campaign.edits} edits, ${campaign.runs} runs, ` +
      `${campaign.outcomes} entries in the ledger, ${campaign.endedByThemselves} processes ended by themselves and were ` +
      `started again, ${violations.length} violations`,
    '',
    '| what was done | times |',
    '| --- | --- |',
    ...[...harms].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `| ${name} | ${count} |`),
    ...violations.map((violation) => `\nVIOLATION: ${violation}`),
    '',
  ].join('\n')
}
