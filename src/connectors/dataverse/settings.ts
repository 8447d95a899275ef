import { z } from 'zod'
import type { BudgetLimits } from '../../core/budget/limits.ts'
import { SyncError } from '../../core/errors.ts'
import { parseServiceRoot } from '../http/address.ts'
import { isSignInSetting } from '../http/sign-in-settings.ts'

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'is no whole number')
    .transform(Number)
    .pipe(z.number().min(min, `is less than ${min}`).max(max, `is more than ${max}`))
const yesOrNo = z.enum(['yes', 'no'], 'is neither yes nor no').default('no')

/** The settings of a connection as they are stored, without those that say how its users sign in. */
const Stored = z.strictObject({
  url: z.string(),
  allowHttp: yesOrNo,
  certificateAuthorities: z
    .string()
    .regex(/^(env|file|sealed):./, 'must refer to env:NAME or file:/path, or be sealed')
    .optional(),
  parallelism: whole(1, 50).default(8),
  batchSize: whole(1, 1_000).default(20),
  largestBatch: whole(1, 1_000).default(100),
  bulkSize: whole(0, 1_000).default(250),
  overlapSeconds: whole(120, 86_400).default(300),
  maxServerRunMs: whole(0, 86_400_000).default(300_000),
  timeoutSeconds: whole(1, 3_600).default(300),
  maxAnswerMegabytes: whole(1, 1_024).default(64),
  requestsPerFiveMinutes: whole(1, 1_000_000).default(6_000),
  executionSecondsPerFiveMinutes: whole(1, 1_000_000).default(1_200),
  requestsAtOnce: whole(1, 1_000).default(51),
  detectDuplicates: yesOrNo,
  /** Options of choices are added and renamed where a mapping leads to them. */
  writeOptions: yesOrNo,
  bypassBusinessLogic: z
    .string()
    .regex(
      /^Custom(Sync|Async)(,Custom(Sync|Async))?$/,
      'is not CustomSync, CustomAsync, or both with a comma',
    )
    .optional(),
})
type Stored = z.infer<typeof Stored>

/** The settings of a Dataverse connection, checked. */
export interface DataverseSettings
  extends Omit<
    Stored,
    | 'url'
    | 'allowHttp'
    | 'detectDuplicates'
    | 'requestsPerFiveMinutes'
    | 'executionSecondsPerFiveMinutes'
    | 'requestsAtOnce'
  > {
  /** Root of the Web API; ends with a slash. */
  readonly root: URL
  /** What tokens are asked for where the settings do not say. */
  readonly scope: string
  /** What the service grants each application user (connectors.md A.10). */
  readonly limits: BudgetLimits
  /** Duplicate-detection rules are asked at every write. */
  readonly detectsDuplicates: boolean
}

/** Reads the settings of a connection. Throws CONFIG_INVALID that names every setting that is wrong, and why. */
export function readSettings(
  connection: string,
  stored: Readonly<Record<string, string>>,
): DataverseSettings {
  const own = Object.entries(stored).filter(([name]) => !isSignInSetting(name))
  const parsed = Stored.safeParse(Object.fromEntries(own))
  if (!parsed.success) throw invalid(connection, stored, parsed.error)
  const { url, allowHttp, detectDuplicates, ...rest } = parsed.data
  const { requestsPerFiveMinutes, executionSecondsPerFiveMinutes, requestsAtOnce, ...settings } = rest
  const organization = parseServiceRoot(url, { connection, setting: 'url', allowHttp: allowHttp === 'yes' })
  return {
    ...settings,
    root: new URL('api/data/v9.2/', organization),
    scope: `${organization.origin}/.default`,
    limits: {
      windowMs: 300_000,
      requests: requestsPerFiveMinutes,
      executionMs: executionSecondsPerFiveMinutes * 1_000,
      concurrency: requestsAtOnce,
    },
    detectsDuplicates: detectDuplicates === 'yes',
  }
}

/** Values that may hold a secret by mistake are not repeated. */
const hidden: ReadonlySet<string> = new Set(['url', 'certificateAuthorities'])

function invalid(
  connection: string,
  stored: Readonly<Record<string, string>>,
  { issues }: z.ZodError,
): SyncError {
  const reasons = issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such setting`
    const name = String(issue.path[0])
    if (!(name in stored)) return `${name}: is missing`
    return `${name}${hidden.has(name) ? '' : ` = '${stored[name]}'`}: ${issue.message}`
  })
  const message = `Connection ${connection}: ${reasons.join('; ')}. See docs/connectors/dataverse.md`
  return new SyncError('CONFIG_INVALID', message, { data: { connection } })
}
