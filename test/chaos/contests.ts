import { type AdminRecord, textOf } from '../../src/demo/dynamics/admin.ts'
import type { DynamicsSystems } from '../../src/demo/dynamics/systems.ts'
import type { Books } from '../support/crash-books.ts'
import type { Caller } from './caller.ts'
import type { Side } from './staff.ts'

/**
 * How it stands between two people who want different phone numbers for one customer. `agreed`: they are done with each
 * other; `open`: both have edited; `answered`: somebody has decided the conflict, and Couplet has taken note; `perhaps
 * answered`: nobody has heard whether it has.
 */
interface Contest {
  state: 'agreed' | 'open' | 'answered' | 'perhaps answered'
  /** What each side has entered last. */
  values: Readonly<Record<Side, string>>
  second: Side
  /** The second one has seen what the first one had entered when he entered his own. */
  isSeen: boolean
  answer: Side
}

export interface ContestCounts {
  readonly contests: number
  readonly converged: number
  readonly conflicts: number
  readonly answered: number
}

export interface Contests {
  /** Two people edit one field, or somebody decides a conflict. */
  work(): Promise<void>
  /** P4, when all is at rest: each contest has ended in agreement or as a conflict that names both values; no other issue is open. */
  complaints(): Promise<readonly string[]>
  counts(): ContestCounts
  /** Conflicts that are open now. */
  open(): number
}

interface OpenIssue {
  readonly id: string
  readonly code: string
  readonly message: string
  readonly conflicts: string
}

const fields = { local: 'phoneNumber', remote: 'telephone1' } as const

export function createContests(
  { local, remote }: DynamicsSystems,
  numbers: readonly string[],
  {
    caller,
    books,
    random,
    pause,
  }: {
    readonly caller: Caller
    readonly books: Books
    readonly random: () => number
    readonly pause: (ms: number) => Promise<void>
  },
): Contests {
  const contests = new Map<string, Contest>()
  const total = { contests: 0, converged: 0, answered: 0 }
  /** Local values of contests that Couplet has shown as conflicts. */
  const shownAsConflicts = new Set<string>()
  const customers = async () => byNumber(await local.admin.readAll('customer'), 'number')
  const accounts = async () => byNumber(await remote.admin.readAll('account'), 'accountnumber')
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]

  const enter = async (side: Side, number: string, value: string): Promise<string> => {
    const record = (await (side === 'local' ? customers() : accounts())).get(number)
    const before = textOf(record, fields[side])
    if (side === 'local') await local.admin.patch('customer', number, { [fields.local]: value })
    else await remote.admin.patch('account', textOf(record, 'accountid'), { [fields.remote]: value })
    return before
  }
  const provoke = async () => {
    const both = await accounts()
    const ready = numbers.filter(
      (number) => both.has(number) && (contests.get(number)?.state ?? 'agreed') === 'agreed',
    )
    const number = pick(ready)
    if (number === undefined) return
    total.contests += 1
    const second: Side = random() < 0.5 ? 'local' : 'remote'
    const first: Side = second === 'local' ? 'remote' : 'local'
    const values = { local: `Local ${total.contests}`, remote: `Remote ${total.contests}` }
    await enter(first, number, values[first])
    await pause(random() * 1_500)
    const before = await enter(second, number, values[second])
    contests.set(number, { state: 'open', values, second, isSeen: before === values[first], answer: first })
  }
  const decide = async () => {
    const { issues = [] } = (await caller.request('/issues?kind=conflict')) as { issues?: Decidable[] }
    const issue = pick(issues)
    const contest = [...contests.values()].find(({ values }) => issue !== undefined && isAbout(issue, values))
    if (issue === undefined || contest?.state !== 'open') return
    shownAsConflicts.add(contest.values.local)
    contest.answer = random() < 0.5 ? 'local' : 'remote'
    contest.state = 'perhaps answered'
    const answer = await caller.request(`/issues/${issue.id}/resolve`, { all: { take: contest.answer } })
    const { decided } = answer as { decided?: number }
    if (decided === 1) Object.assign(contest, { state: 'answered' })
    else if (decided === 0) Object.assign(contest, { state: 'open' })
  }

  /** Whether what the first one had entered has reached the other side, where somebody has edited over it knowingly. */
  const hasTravelled = async ({ values, second, isSeen }: Contest): Promise<boolean> => {
    if (isSeen) return true
    const sql = `SELECT FROM couplet.outcome WHERE kind = 'modified' AND changes::text LIKE '%${values[otherSide[second]]}"%'`
    return (await books.store.query(sql)).rows.length > 0
  }
  /** Null: it has ended as it may. */
  const judge = async (contest: Contest, shown: Contest['values'], issues: OpenIssue[]) => {
    const { state, values, second, answer } = contest
    const at = issues.findIndex((issue) => namesBoth(issue, values))
    const isOpen = at >= 0 && shown.local === values.local && shown.remote === values.remote
    if (at >= 0) issues.splice(at, 1)
    const agreed = shown.local === shown.remote ? shown.local : null
    const isAnswered = state !== 'open' && agreed === values[answer]
    if (isOpen && state !== 'answered') {
      shownAsConflicts.add(values.local)
      contest.state = 'open'
      return null
    }
    if (at < 0 && isAnswered) total.answered += 1
    else if (at < 0 && state !== 'answered' && agreed === values[second] && (await hasTravelled(contest)))
      total.converged += 1
    else
      return `P4: ${JSON.stringify(contest)} has ended as ${JSON.stringify(shown)}, ${at < 0 ? 'without' : 'with'} an issue`
    contest.state = 'agreed'
    return null
  }
  return {
    work: () => (random() < 0.4 ? decide().catch(() => {}) : provoke()),
    async complaints() {
      const [here, there] = [await customers(), await accounts()]
      const { rows } = await books.store.query<OpenIssue>(
        'SELECT id, code, message, conflicts::text AS conflicts FROM couplet.issue',
      )
      const issues = [...rows]
      const found: string[] = []
      for (const [number, contest] of contests) {
        if (contest.state === 'agreed') continue
        const shown = {
          local: textOf(here.get(number), fields.local),
          remote: textOf(there.get(number), fields.remote),
        }
        const complaint = await judge(contest, shown, issues)
        if (complaint !== null) found.push(`${number}: ${complaint}`)
      }
      return [
        ...found,
        ...issues.map(({ code, message }) => `P4: an issue that is nobody's contest: ${code} ${message}`),
      ]
    },
    counts: () => ({ ...total, conflicts: shownAsConflicts.size }),
    open: () => [...contests.values()].filter(({ state }) => state === 'open').length,
  }
}

const otherSide = { local: 'remote', remote: 'local' } as const

interface Decidable {
  readonly id: number
  readonly conflicts: readonly object[]
}

const isAbout = ({ conflicts }: Decidable, values: Contest['values']) =>
  mentions(JSON.stringify(conflicts), values)

function namesBoth({ code, conflicts }: OpenIssue, values: Contest['values']): boolean {
  return code === 'CONFLICT_BOTH_CHANGED' && mentions(conflicts, values)
}

const mentions = (text: string, values: Contest['values']) =>
  Object.values(values).every((value) => text.includes(`${value}"`))

const byNumber = (records: readonly AdminRecord[], column: string) =>
  new Map(records.map((record) => [textOf(record, column), record]))
