import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import { parseServiceRoot } from '../http/address.ts'
import { isSignInSetting } from '../http/sign-in-settings.ts'
import { findApi } from './table-name.ts'

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'is no whole number')
    .transform(Number)
    .pipe(z.number().min(min, `is less than ${min}`).max(max, `is more than ${max}`))
const names = z.array(z.string().min(1)).optional()
const reference = z
  .string()
  .regex(
    /^(env|file|sealed):./,
    'must refer to env:NAME or file:/path, or be sealed, never hold the secret itself',
  )

const TableFactsSetting = z.record(
  z.string(),
  z.strictObject({
    codeFields: names,
    businessKey: names,
    numberSeries: z.boolean().optional(),
    requiredFields: names,
    readOnlyFields: names,
    options: z.record(z.string(), z.array(z.string()).min(1)).optional(),
  }),
)

function json(text: string, context: z.core.$RefinementCtx<string>): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON', input: text })
    return z.NEVER
  }
}

/** The settings of a connection as they are stored, without those that say how its users sign in. */
const Stored = z.strictObject({
  url: z.string().default('https://api.businesscentral.dynamics.com/v2.0/'),
  tenant: z.string().min(1, 'is empty').optional(),
  environment: z.string().min(1, 'is empty').optional(),
  company: z.string().min(1, 'is empty'),
  certificateAuthorities: reference.optional(),
  allowHttp: z.enum(['yes', 'no']).default('no'),
  apis: list
    .pipe(
      z.array(
        z
          .string()
          .refine(
            (api) => findApi(api) !== null,
            'names something that is not v2.0, odata or publisher/group/version',
          ),
      ),
    )
    .default(['v2.0']),
  tables: z.string().transform(json).pipe(TableFactsSetting).default({}),
  pageSize: whole(1, 20_000).default(5_000),
  batchSize: whole(1, 100).default(100),
  overlapSeconds: whole(0, 86_400).optional(),
  maxServerRunMs: whole(0, 86_400_000).default(600_000),
  timeoutSeconds: whole(1, 3_600).default(600),
  maxAnswerMegabytes: whole(1, 1_024).default(64),
  requestsPerFiveMinutes: whole(1, 1_000_000).default(6_000),
  requestsAtOnce: whole(1, 100).default(5),
  webhookUrl: z.string().optional(),
  webhookKey: reference.optional(),
})

type Stored = z.infer<typeof Stored>

export interface BusinessCentralSettings
  extends Omit<Stored, 'url' | 'allowHttp' | 'tenant' | 'environment'> {
  /** Root of the service, with tenant and environment in it; ends with a slash. */
  readonly root: URL
  /** Where the service announces changes, and the reference to the key for its proofs; null where it does not. */
  readonly webhooks: { readonly notificationUrl: string; readonly keyReference: string } | null
}

/** The scope of tokens where the settings name none (connectors.md B.9). */
export const defaultScope = 'https://api.businesscentral.dynamics.com/.default'

/** Reads the settings of a connection. Throws CONFIG_INVALID that names every setting that is wrong, and why. */
export function readSettings(
  connection: string,
  stored: Readonly<Record<string, string>>,
): BusinessCentralSettings {
  const own = Object.entries(stored).filter(([name]) => name === 'tenant' || !isSignInSetting(name))
  const parsed = Stored.safeParse(Object.fromEntries(own))
  if (!parsed.success) {
    throw invalid(
      connection,
      parsed.error.issues.map((issue) => describe(issue, stored)),
    )
  }
  const { url, allowHttp, tenant, environment, webhookUrl, webhookKey, ...rest } = parsed.data
  if ((webhookUrl === undefined) !== (webhookKey === undefined)) {
    throw invalid(connection, ['webhookUrl, webhookKey: need each other; give both or none'])
  }
  const root = parseServiceRoot(url, { connection, allowHttp: allowHttp === 'yes', setting: 'url' })
  for (const segment of environment === undefined ? [] : [tenant, environment]) {
    if (segment !== undefined) root.pathname += `${encodeURIComponent(segment)}/`
  }
  const webhooks = webhookUrl && webhookKey ? webhooksOf(connection, webhookUrl, webhookKey) : null
  return { ...rest, root, webhooks }
}

/** The service calls only addresses it reaches, so http is for this machine. */
function webhooksOf(
  connection: string,
  url: string,
  keyReference: string,
): BusinessCentralSettings['webhooks'] {
  const base = parseServiceRoot(url, { connection, setting: 'webhookUrl', allowHttp: false })
  return { notificationUrl: new URL(`notices/${encodeURIComponent(connection)}`, base).href, keyReference }
}

/** Only what can hold no secret by mistake is repeated. */
const shown =
  /^(apis|pageSize|batchSize|overlapSeconds|maxServerRunMs|timeoutSeconds|maxAnswerMegabytes|allowHttp|requests.*)$/

function describe(issue: z.core.$ZodIssue, stored: Readonly<Record<string, string>>): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such setting`
  const [name, ...path] = issue.path.map(String)
  const value =
    name !== undefined && shown.test(name) && stored[name] !== undefined ? ` = '${stored[name]}'` : ''
  const reason = name !== undefined && !(name in stored) ? 'is missing' : issue.message
  return `${[name, ...path].join('.')}${value}: ${reason}`
}

function invalid(connection: string, problems: readonly string[]): SyncError {
  const message = `Connection ${connection}: ${problems.join('; ')}. See docs/connectors/business-central.md`
  return new SyncError('CONFIG_INVALID', message, { data: { connection } })
}
