import type { HarmDone } from './lanes.ts'

/** What a campaign has done, and what has come of it: a table for docs/proofs.md. */
export interface Campaign {
  readonly seed: number
  readonly queue: string
  readonly harms: readonly HarmDone[]
  /** Of the harms: those after which everything was as it should be. */
  readonly survived: readonly HarmDone[]
  readonly edits: number
  readonly contests: {
    readonly contests: number
    readonly converged: number
    readonly conflicts: number
    readonly answered: number
  }
  /** Records that had to be coupled by hand. */
  readonly held: number
  readonly runs: number
  /** By kind of outcome, how many records were written or coupled. */
  readonly moved: Readonly<Record<string, number>>
  readonly endedByThemselves: number
  readonly minutes: number
  readonly violations: readonly string[]
}

export function formatCampaign(campaign: Campaign): string {
  const { harms, survived, contests, moved, violations } = campaign
  const names = [...new Set(harms.map(({ name }) => name))].sort((a, b) => a.localeCompare(b))
  const beside = harms.filter(({ isBesideOther }) => isBesideOther).length
  const written = Object.entries(moved).map(([kind, count]) => `${count} ${kind}`)
  return [
    `${harms.length} harms over ${campaign.queue} in ${campaign.minutes} minutes, ${beside} of them while another one was under way, seed ${campaign.seed}; ` +
      `${campaign.edits} edits meanwhile, ${campaign.runs} runs, records moved: ${written.join(', ')}; ` +
      `${contests.contests} fields edited on both sides at about the same time, ${contests.conflicts} of them shown as conflicts, ` +
      `${contests.answered} of these decided, ${contests.converged} agreed without one; ` +
      `${campaign.held} records held as possible duplicates and coupled by hand; ` +
      `${campaign.endedByThemselves} processes ended by themselves and were started again; ${violations.length} violations`,
    '',
    '| what was done | times | survived |',
    '| --- | --- | --- |',
    ...names.map((name) => `| ${name} | ${count(harms, name)} | ${count(survived, name)} |`),
    ...violations.map((violation) => `\nVIOLATION: ${violation}`),
    '',
  ].join('\n')
}

const count = (harms: readonly HarmDone[], name: string) => harms.filter((harm) => harm.name === name).length
