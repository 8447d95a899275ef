import { errorCodes } from '../errors.ts'
import type { JobDirection } from '../mapping/definition.ts'
import { deletionCodes } from './deletion.ts'
import type { Issue } from './issue.ts'
import type { RecordPlan } from './plan.ts'
import type { LineState } from './run.ts'

export const checks = [
  'pause',
  'connection',
  'mapping',
  'record',
  'coupling',
  'filter',
  'issue',
  'dependency',
  'conflict',
  'request',
  'interrupted page',
  'comparison',
  'watermark',
  'run',
  'schedule',
] as const
export type Check = (typeof checks)[number]

/** One thing that was looked at. `blocks`: it keeps the record from being in step; `pending`: it brings it there. */
export interface Finding {
  readonly check: Check
  /** Null: it holds for both directions. */
  readonly direction: JobDirection | null
  readonly verdict: 'fine' | 'pending' | 'blocks'
  readonly says: string
  /** What would change it; null where nothing has to. */
  readonly remedy: string | null
}

/** Why a record is, or is not, in step with its partner. */
export interface Explanation {
  readonly isInStep: boolean
  /** The finding that decides: the first that blocks, else the first that is pending; null when all is fine. */
  readonly decides: Finding | null
  /** In the order in which the checks were made. */
  readonly findings: readonly Finding[]
}

/** What is known of one direction of the pair of records. */
export interface DirectionFacts {
  readonly direction: JobDirection
  /** How people call the source: `customer 10000`. Null: nobody knows of a record on this side. */
  readonly source: string | null
  readonly sourceExists: boolean
  readonly isInFilter: boolean
  readonly filter: string | null
  /** What the engine would do if it looked at the record now; null when there is no source to look at. */
  readonly plan: RecordPlan | null
  readonly issue: Issue | null
  readonly isRequested: boolean
  /** An unfinished page of a worker that has died may have written it, or may still. */
  readonly isInDoubt: boolean
  /** Null: the side has no modification times, every run looks at all of it. */
  readonly modifiedAt: string | null
  readonly watermark: string | null
}

export interface WhyFacts {
  readonly mapping: { readonly name: string; readonly isEnabled: boolean; readonly isOnlyCoupled: boolean }
  readonly isCoupled: boolean
  /** Directions that the mapping has; the record is looked at in each. */
  readonly directions: readonly DirectionFacts[]
  /** The line of an unfinished run that stands for the mapping. */
  readonly line: {
    readonly runId: number
    readonly state: LineState
    readonly waitsFor: readonly string[]
  } | null
  readonly schedule: {
    readonly name: string
    /** When it runs the mapping, in words; null: it does not. */
    readonly runs: string | null
    /** Why it does not, or what else is to be said. */
    readonly because: string | null
  } | null
  /** Pauses and outages that keep the mapping from running, in words. */
  readonly holds: readonly { readonly check: 'pause' | 'connection'; readonly says: string }[]
}

/** Tells which of all that may keep a record from its partner decides (issue ledger, filter, coupling, …). Pure. */
export function explain(facts: WhyFacts): Explanation {
  const findings = [
    ...facts.holds.map(holdFinding),
    mappingFinding(facts),
    ...facts.directions.flatMap((each) => directionFindings(each, facts)),
  ]
  const isPending = findings.some(({ verdict }) => verdict === 'pending')
  if (isPending) findings.push(runFinding(facts), scheduleFinding(facts))
  const decides =
    findings.find(({ verdict }) => verdict === 'blocks') ??
    findings.find(({ verdict }) => verdict === 'pending') ??
    null
  return { isInStep: decides === null, decides, findings }
}

function holdFinding({ check, says }: WhyFacts['holds'][number]): Finding {
  const remedy =
    check === 'pause'
      ? 'It goes on when it is resumed: `couplet resume`.'
      : 'Remove the cause; it is tried again by itself, and at once by `couplet connection test`.'
  return blocks(check, null, says, remedy)
}

function mappingFinding({ mapping }: WhyFacts): Finding {
  return mapping.isEnabled
    ? fine('mapping', null, `Mapping ${mapping.name} is enabled`)
    : blocks(
        'mapping',
        null,
        `Mapping ${mapping.name} is disabled: no run over all mappings takes it`,
        'Set `enabled: true` in the mapping and import it.',
      )
}

function directionFindings(facts: DirectionFacts, why: WhyFacts): readonly Finding[] {
  const { direction, source } = facts
  if (source === null) return []
  if (!facts.sourceExists) return [goneFinding(facts, source), ...issueFindings(facts)]
  return [
    fine('record', direction, `${source} exists`),
    filterFinding(facts, source),
    ...issueFindings(facts),
    ...requestFindings(facts),
    comparisonFinding(facts, source, why),
    watermarkFinding(facts, source),
  ]
}

function goneFinding({ direction }: DirectionFacts, source: string): Finding {
  return blocks(
    'record',
    direction,
    `${source} does not exist (any more)`,
    'Restore the record, or remove the coupling.',
  )
}

function filterFinding({ direction, isInFilter, filter }: DirectionFacts, source: string): Finding {
  if (filter === null) return fine('filter', direction, 'This side has no filter')
  return isInFilter
    ? fine('filter', direction, `${source} passes the filter`)
    : blocks(
        'filter',
        direction,
        `${source} does not pass the filter: ${filter}`,
        'Change the record so that it passes the filter, or change the filter of the mapping.',
      )
}

const remedies = {
  failed: 'Remove the cause, then `couplet retry`; a change of the record tries it again by itself.',
  waiting: 'Synchronize or couple the record it waits for; this one follows by itself.',
  conflict: 'Decide which value is right: `couplet conflicts`, `couplet resolve`.',
  skipped:
    'Remove the cause; a change of the record or the mapping releases it, and so does `couplet issues retry`.',
} as const satisfies Record<Issue['kind'], string>

function issueFindings({ direction, issue }: DirectionFacts): readonly Finding[] {
  if (issue === null) return [fine('issue', direction, 'No issue is open')]
  const check = issue.kind === 'waiting' ? 'dependency' : issue.kind === 'conflict' ? 'conflict' : 'issue'
  const next = issue.nextAttemptAt === null ? '' : `; tried again from ${issue.nextAttemptAt} on`
  const tries = issue.attempts === 1 ? 'once' : `${issue.attempts} times`
  const says = `${issue.kind} since ${issue.firstAt}, met ${tries}: ${issue.message} (${issue.code})${next}`
  const isDeletion = deletionCodes.some((code) => code === issue.code)
  return [blocks(check, direction, says, isDeletion ? errorCodes[issue.code][1] : remedies[issue.kind])]
}

function requestFindings({ direction, isRequested, isInDoubt }: DirectionFacts): readonly Finding[] {
  return [
    ...(isRequested ? [pending('request', direction, 'It has been asked for and is next in line')] : []),
    ...(isInDoubt
      ? [
          pending(
            'interrupted page',
            direction,
            'A worker was stopped while it wrote this record; both sides are compared by the next run',
          ),
        ]
      : []),
  ]
}

function comparisonFinding(facts: DirectionFacts, source: string, { mapping }: WhyFacts): Finding {
  const { direction, plan } = facts
  switch (plan?.action) {
    case undefined:
    case 'ignored':
      return fine('comparison', direction, 'Nothing is compared: the record takes no part')
    case 'unchanged':
      return fine(
        'comparison',
        direction,
        'No mapped field differs from what the sides last agreed on: what is there is our own writing, or older',
      )
    case 'notCoupled':
      return blocks(
        'coupling',
        direction,
        `${source} has no partner, and ${mapping.name} synchronizes only coupled records`,
        'Run a full synchronization, `couplet sync record --create`, or set `onlyCoupled: false`.',
      )
    case 'partner-gone':
      return blocks(
        'comparison',
        direction,
        `${source} is coupled to a record that does not exist any more`,
        `\`couplet sync deletions ${mapping.name}\` treats it as \`deletionConflict\` of the mapping says.`,
      )
    case 'wait':
      return blocks('dependency', direction, plan.problem.message, remedies.waiting)
    case 'conflict':
      return blocks('conflict', direction, plan.problem.message, remedies.conflict)
    case 'skip':
      return blocks('coupling', direction, plan.problem.message, remedies.skipped)
    case 'fail':
      return blocks(
        'comparison',
        direction,
        `${plan.problem.message} (${plan.problem.code})`,
        remedies.failed,
      )
    case 'modify':
      return pending('comparison', direction, `To be carried over: ${Object.keys(plan.values).join(', ')}`)
    case 'insert':
      return pending('comparison', direction, 'The missing partner is to be created')
    case 'couple':
      return pending('comparison', direction, 'The partner has been found and is to be coupled')
  }
}

function watermarkFinding(
  { direction, modifiedAt, watermark, plan }: DirectionFacts,
  source: string,
): Finding {
  if (watermark === null)
    return fine('watermark', direction, 'No watermark yet: the next run looks at everything')
  if (modifiedAt === null)
    return fine('watermark', direction, 'This side keeps no modification time: every run looks at all of it')
  const says = `${source} was modified at ${modifiedAt}; the watermark is ${watermark}`
  const isPending = plan?.action === 'modify' || plan?.action === 'insert' || plan?.action === 'couple'
  return isPending ? pending('watermark', direction, says) : fine('watermark', direction, says)
}

function runFinding({ line }: WhyFacts): Finding {
  if (line === null) return fine('run', null, 'No run of this mapping is under way')
  const after = line.waitsFor.length === 0 ? '' : `, after ${line.waitsFor.join(', ')}`
  return pending('run', null, `Run ${line.runId} has it: the line is ${line.state}${after}`)
}

function scheduleFinding({ schedule, line, mapping }: WhyFacts): Finding {
  const byHand = `\`couplet sync mapping ${mapping.name}\` carries it over now.`
  if (schedule !== null && schedule.runs !== null) {
    const more = schedule.because === null ? '' : `; ${schedule.because}`
    return pending('schedule', null, `${schedule.name} runs ${schedule.runs}${more}`)
  }
  const says =
    schedule === null ? 'No schedule runs this mapping' : `${schedule.name} does not run: ${schedule.because}`
  return line === null ? blocks('schedule', null, says, byHand) : fine('schedule', null, says)
}

function fine(check: Check, direction: JobDirection | null, says: string): Finding {
  return { check, direction, verdict: 'fine', says, remedy: null }
}

function pending(check: Check, direction: JobDirection | null, says: string): Finding {
  return { check, direction, verdict: 'pending', says, remedy: null }
}

function blocks(check: Check, direction: JobDirection | null, says: string, remedy: string): Finding {
  return { check, direction, verdict: 'blocks', says, remedy }
}
