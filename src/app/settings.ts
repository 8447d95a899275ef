import { resolve } from 'node:path'
import { z } from 'zod'
import { type Networks, parseNetworks } from '../connectors/http/networks.ts'
import { retentionSettings } from './retention-settings.ts'
import { parseSecretKeys, type SecretKeys } from './sealed-secret.ts'
import {
  address,
  oneOf,
  optionalWholeNumber,
  queueAddress,
  setting,
  textLike,
  wholeNumber,
} from './setting.ts'
import { signInSettings } from './sign-in-settings.ts'
import { webhookSettings } from './webhook-settings.ts'

const anyText: z.ZodType<string, string> = z.string()
const optionalText = anyText.transform((text) => text || null)

function secretKeyList(): z.ZodType<SecretKeys, string> {
  return anyText.transform((text, context) => {
    const keys = text === '' ? new Map() : parseSecretKeys(text)
    if (keys) return keys
    context.addIssue({ code: 'custom', message: 'expected names and keys of 32 bytes, each name once' })
    return z.NEVER
  })
}

/** Exact references, or what they begin with and a star. */
function referenceList(): z.ZodType<readonly string[], string> {
  return anyText.transform((text, context) => {
    const references = text.split(',').flatMap((part) => part.trim() || [])
    if (references.every((each) => /^(env|file|embedded):[^*]+\*?$/.test(each))) return references
    context.addIssue({ code: 'custom', message: 'expected references, separated by commas' })
    return z.NEVER
  })
}

function networkList(): z.ZodType<Networks, string> {
  return anyText.transform((text, context) => {
    const networks = parseNetworks(text)
    if (networks) return networks
    context.addIssue({ code: 'custom', message: 'expected networks with their bits, separated by commas' })
    return z.NEVER
  })
}

/** Every setting of Couplet by its name in the configuration. docs/configuration.md is made from this table. */
export const settings = {
  databaseUrl: setting({
    variable: 'DATABASE_URL',
    doc: 'Postgres (14 or newer) for everything Couplet remembers. Not set: a Postgres of its own starts as a child process, with its data under `COUPLET_DATA_DIR`.',
    default: '',
    secret: true,
    schema: address('postgres', 'postgresql'),
    remedy:
      'Write it like postgres://user:password@host:5432/database, or remove it for the embedded server.',
  }),
  queueUrl: setting({
    variable: 'QUEUE_URL',
    doc: 'Queue server: `redis://`, `rediss://` (Redis 6.2 or newer, or Valkey, with `maxmemory-policy noeviction`), `redis+sentinel://host:port,host:port/master`, `redis+cluster://host:port,host:port` (both also with `rediss`) or `postgres://`. Not set: the queue lives in the same Postgres as everything else.',
    default: '',
    secret: true,
    schema: queueAddress(),
    remedy: 'Write it like redis://host:6379, or remove it to keep the queue in the database.',
  }),
  queueAuthorities: setting({
    variable: 'COUPLET_QUEUE_CA',
    doc: 'Certificates (PEM) of the authorities that vouch for a `rediss://` server instead of the usual ones: `file:/path` or `env:NAME`. For Postgres they stand in the address: `?sslmode=verify-full&sslrootcert=/path`.',
    default: '',
    schema: optionalText,
  }),
  queuePrefix: setting({
    variable: 'COUPLET_QUEUE_PREFIX',
    doc: 'Put before every name in the queue, so that several installations can share one queue server.',
    default: 'couplet',
    schema: textLike(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens (at most 31)'),
  }),
  dataDir: setting({
    variable: 'COUPLET_DATA_DIR',
    doc: 'Folder of the embedded server; relative to the working directory.',
    default: '.couplet',
    schema: anyText.transform((path) => resolve(path)),
  }),
  functionsDir: setting({
    variable: 'COUPLET_FUNCTIONS_DIR',
    doc: "Folder of the files with one's own transformation functions, the same for every process; relative to the working directory. Not set: mappings that name such a function are refused.",
    default: '',
    schema: anyText.transform((path) => (path === '' ? null : resolve(path))),
  }),
  functionLimitMs: setting({
    variable: 'COUPLET_FUNCTION_LIMIT_MS',
    doc: "How long one call of one's own transformation function may take before it is stopped and its record fails.",
    default: '2000',
    schema: wholeNumber(50, 600_000),
  }),
  functionMemoryMb: setting({
    variable: 'COUPLET_FUNCTION_MEMORY_MB',
    doc: 'Heap that the functions of one module may use; a call that needs more, or 256 MB more in all, fails its record.',
    default: '128',
    schema: wholeNumber(16, 100_000),
  }),
  connectorsDir: setting({
    variable: 'COUPLET_CONNECTORS_DIR',
    doc: "Folder of the files with one's own connectors, the same for every process; relative to the working directory. Not set: connections of kind `module` are refused.",
    default: '',
    schema: anyText.transform((path) => (path === '' ? null : resolve(path))),
  }),
  postgresBin: setting({
    variable: 'COUPLET_POSTGRES_BIN',
    doc: 'Folder with `initdb` and `postgres` for the embedded server. Not set: the npm package of the platform, else a Postgres installed on the machine.',
    default: '',
    schema: optionalText,
  }),
  migrate: setting({
    variable: 'COUPLET_MIGRATE',
    doc: '`auto`: the database schema is brought up to date at every start, of commands too. `off`: only `couplet migrate` does it. `couplet doctor` and `couplet backup` never do it.',
    default: 'auto',
    schema: oneOf('auto', 'off'),
  }),
  poolSize: setting({
    variable: 'COUPLET_POOL_SIZE',
    doc: 'Most connections one process opens to the database of Couplet; at least `COUPLET_CONCURRENCY` + 2. A queue in Postgres opens as many again (6 or more).',
    default: '10',
    schema: wholeNumber(3, 200),
  }),
  host: setting({
    variable: 'COUPLET_HOST',
    doc: 'Address the HTTP server listens on. `0.0.0.0` makes it reachable from other machines.',
    default: '127.0.0.1',
    schema: textLike(/^[^\s/]{1,255}$/, 'a host name or address'),
  }),
  port: setting({
    variable: 'COUPLET_PORT',
    doc: 'Port the HTTP server listens on; `0` takes any free one and logs it.',
    default: '7070',
    schema: wholeNumber(0, 65_535),
  }),
  statusHost: setting({
    variable: 'COUPLET_STATUS_HOST',
    doc: 'Address the status port listens on.',
    default: '127.0.0.1',
    schema: textLike(/^[^\s/]{1,255}$/, 'a host name or address'),
  }),
  statusPort: setting({
    variable: 'COUPLET_STATUS_PORT',
    doc: 'Port on which every process answers `/metrics`, `/healthz` and `/readyz` without a key, for Prometheus and probes; `0` takes any free one and logs it. Not set: only the HTTP server answers them, `/metrics` with a key.',
    default: '',
    schema: optionalWholeNumber(0, 65_535),
  }),
  alertSeconds: setting({
    variable: 'COUPLET_ALERT_SECONDS',
    doc: 'How often the alert rules are looked at: by the scheduler that leads, while none does by another process.',
    default: '60',
    schema: wholeNumber(1, 3_600),
  }),
  smtpUrl: setting({
    variable: 'COUPLET_SMTP_URL',
    doc: 'Server that takes the mail of alerts: `smtp://user:password@host:587` or `smtps://…`.',
    default: '',
    secret: true,
    schema: address('smtp', 'smtps'),
    remedy: 'Write it like smtp://user:password@host:587, or remove it to send no mail.',
  }),
  mailFrom: setting({
    variable: 'COUPLET_MAIL_FROM',
    doc: 'Sender of the mail of alerts.',
    default: '',
    schema: optionalText,
  }),
  otlpEndpoint: setting({
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    doc: 'Where traces are sent to (OTLP over HTTP, `/v1/traces` is added). Not set: there are none. `OTEL_EXPORTER_OTLP_HEADERS` adds headers.',
    default: '',
    schema: address('http', 'https'),
  }),
  serviceName: setting({
    variable: 'OTEL_SERVICE_NAME',
    doc: 'Name of this process in traces.',
    default: 'couplet',
    schema: textLike(/^\S{1,100}$/, 'a name without spaces'),
  }),
  logLevel: setting({
    variable: 'COUPLET_LOG_LEVEL',
    doc: 'Least important level that is logged: `debug`, `info`, `warn`, `error` or `silent`.',
    default: 'info',
    schema: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  }),
  logFormat: setting({
    variable: 'COUPLET_LOG_FORMAT',
    doc: '`json`: one JSON object per line. `pretty`: for reading in a terminal.',
    default: 'json',
    schema: oneOf('json', 'pretty'),
  }),
  pageSize: setting({
    variable: 'COUPLET_PAGE_SIZE',
    doc: 'Records read, written and committed together.',
    default: '1000',
    schema: wholeNumber(1, 5_000),
  }),
  concurrency: setting({
    variable: 'COUPLET_CONCURRENCY',
    doc: 'Lines one worker process works on at once.',
    default: '4',
    schema: wholeNumber(1, 100),
  }),
  leaseSeconds: setting({
    variable: 'COUPLET_LEASE_SECONDS',
    doc: 'How long a worker owns a mapping without renewing it; after a crash another worker takes over after this time.',
    default: '30',
    schema: wholeNumber(1, 3_600),
  }),
  stalledSeconds: setting({
    variable: 'COUPLET_STALLED_SECONDS',
    doc: 'How long the queue waits for a sign of life of a worker before it gives the job to another one.',
    default: '30',
    schema: wholeNumber(1, 3_600),
  }),
  sweepSeconds: setting({
    variable: 'COUPLET_SWEEP_SECONDS',
    doc: 'How often the scheduler looks for work that no queue job stands for, and enqueues it again.',
    default: '15',
    schema: wholeNumber(1, 3_600),
  }),
  shutdownSeconds: setting({
    variable: 'COUPLET_SHUTDOWN_SECONDS',
    doc: 'Hard limit of an orderly stop: after it the process ends at once, with exit code 1.',
    default: '30',
    schema: wholeNumber(1, 3_600),
  }),
  watermarkOverlapSeconds: setting({
    variable: 'COUPLET_WATERMARK_OVERLAP_SECONDS',
    doc: 'How far before its last change a table is read again where open transactions cannot be seen (missing `pg_read_all_stats`, replicas).',
    default: '300',
    schema: wholeNumber(0, 86_400),
  }),
  skipAfter: setting({
    variable: 'COUPLET_SKIP_AFTER',
    doc: 'After how many equal failures a record that does not heal by itself is set aside (skipped) until something changes.',
    default: '2',
    schema: wholeNumber(1, 1_000),
  }),
  questionHours: setting({
    variable: 'COUPLET_QUESTION_HOURS',
    doc: 'How long the question at the end of a full synchronization stays open; after that the answer is no.',
    default: '24',
    schema: wholeNumber(1, 8_760),
  }),
  ...retentionSettings,
  ...webhookSettings,
  ...signInSettings,
  privateNetworks: setting({
    variable: 'COUPLET_PRIVATE_NETWORKS',
    doc: 'Networks that are not public and that connections over HTTP and webhooks may reach all the same: `10.1.0.0/16,fd00::/8`, `127.0.0.0/8` for this machine, or `all`. Not set: only public addresses, so that nobody who may enter an address can reach what lies inside.',
    default: '',
    schema: networkList(),
    remedy: 'Write it like 10.1.0.0/16,fd00::/8, or all.',
  }),
  secretKeys: setting({
    variable: 'COUPLET_SECRET_KEY',
    doc: 'Opens secrets that are stored sealed (AES-256-GCM) instead of referred to: `NAME:KEY`, the key being 32 random bytes in base64; several keys are separated by commas, the first one seals and all of them open, so that keys can be changed.',
    default: '',
    secret: true,
    schema: secretKeyList(),
    remedy: 'Write it like 2026:<44 characters of base64>, with commas between several.',
  }),
  httpReferences: setting({
    variable: 'COUPLET_HTTP_REFERENCES',
    doc: 'Secrets that connections may refer to when they are changed over HTTP, separated by commas: `env:CRM_SECRET, file:/run/secrets/*`; a star at the end stands for anything. Not set: over HTTP only references that are stored already stay, and new secrets are stored sealed. The command line may refer to anything.',
    default: '',
    schema: referenceList(),
    remedy: 'Write it like env:CRM_SECRET, file:/run/secrets/*.',
  }),
  giveUpAfter: setting({
    variable: 'COUPLET_GIVE_UP_AFTER',
    doc: 'How many workers in a row may die over one line without finishing a page of it before the line fails (`LINE_KILLS_WORKERS`).',
    default: '10',
    schema: wholeNumber(2, 1_000),
  }),
  memoryLimitMb: setting({
    variable: 'COUPLET_MEMORY_LIMIT_MB',
    doc: 'Memory of one process above which it leaves in order (exit code 75), to be started again. Not set: there is no limit.',
    default: '',
    schema: optionalWholeNumber(100, 1_000_000),
  }),
  delayLimitMs: setting({
    variable: 'COUPLET_DELAY_LIMIT_MS',
    doc: 'How long a process may again and again be busy with one thing, answering nothing else, before it leaves in order (exit code 75). Not set: there is no limit.',
    default: '',
    schema: optionalWholeNumber(100, 600_000),
  }),
  failpoint: setting({
    variable: 'COUPLET_FAILPOINT',
    doc: 'For tests only: stops or kills the process at a step of the pipeline.',
    default: '',
    schema: optionalText,
  }),
} as const

type SettingName = keyof typeof settings
type ValueOf<S> = S extends { readonly schema: z.ZodType<infer T> } ? T : never

/** The parsed configuration: one value per setting. */
export type SettingValues = { readonly [N in SettingName]: ValueOf<(typeof settings)[N]> }
