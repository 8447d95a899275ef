import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { SyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import type { Setting } from './setting.ts'
import { type SettingValues, settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Config extends SettingValues {
  /** Where programs are looked for, as the operating system gives it. */
  readonly searchPath: string
}

/** The environment of this process: the only place in src that reads it. */
export function processEnvironment(): Environment {
  return process.env
}

/** Typed configuration; throws one CONFIG_INVALID that names every problem. An empty variable counts as not set. */
export function loadConfig(env: Environment = processEnvironment()): Config {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, setting] of Object.entries<Setting<unknown>>(settings)) {
    const raw = env[setting.variable]?.trim() || setting.default
    const parsed = setting.schema.safeParse(raw)
    if (parsed.success) values[name] = parsed.data
    else problems.push(describeProblem(setting, raw, parsed.error))
  }
  // Sound when there are no problems: then each setting has been parsed by its own schema.
  const config = { ...(values as SettingValues), searchPath: env['PATH'] ?? '' }
  if (problems.length === 0) problems.push(...describeConflicts(config))
  if (problems.length === 0) return config
  const heading = problems.length === 1 ? 'A setting is wrong' : `${problems.length} settings are wrong`
  throw new SyncError('CONFIG_INVALID', `${heading}:\n${problems.map((line) => `  ${line}`).join('\n')}`)
}

function describeProblem(setting: Setting<unknown>, raw: string, error: z.ZodError): string {
  const reason = error.issues[0]?.message ?? 'not accepted'
  const shown = setting.secret ? '(value not shown)' : `'${withoutCredentials(raw)}'`
  return `${setting.variable} = ${shown}: ${reason}. ${setting.remedy}`
}

/** Settings that are fine each by itself but not together. */
function describeConflicts(config: Config): string[] {
  return [...describePool(config), ...describeOidc(config)]
}

function describeOidc({ oidcIssuer, oidcClientId, oidcRoles, publicUrl }: Config): string[] {
  if (oidcIssuer === null) return []
  const needed = { COUPLET_PUBLIC_URL: publicUrl, COUPLET_OIDC_CLIENT_ID: oidcClientId }
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === null ? name : []))
  if (oidcRoles.size === 0) missing.push('COUPLET_OIDC_ROLES')
  return missing.map((name) => `${name}: is needed with COUPLET_OIDC_ISSUER. Set it.`)
}

function describePool(config: Config): string[] {
  if (config.poolSize >= config.concurrency + 2) return []
  return [
    `COUPLET_POOL_SIZE = '${config.poolSize}': COUPLET_CONCURRENCY = '${config.concurrency}' needs at least ` +
      `${config.concurrency + 2} connections. Raise the one or lower the other.`,
  ]
}

/**
 * The value that a connection setting refers to: `env:NAME` is a variable, `file:/path` the content of a file without
 * the final line break. Throws CONFIG_INVALID that names what is missing, never a value.
 */
export function resolveSecretReference(reference: string, env: Environment = processEnvironment()): string {
  if (reference.startsWith('env:')) {
    const name = reference.slice('env:'.length)
    const value = env[name]
    if (value) return value
    throw new SyncError('CONFIG_INVALID', `The variable ${name} is not set, but a connection refers to it`, {
      data: { variable: name },
    })
  }
  if (reference.startsWith('file:')) return readSecretFile(reference.slice('file:'.length))
  throw new SyncError('CONFIG_INVALID', 'A connection setting must refer to env:NAME or file:/path')
}

function readSecretFile(path: string): string {
  try {
    const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    if (content) return content
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new SyncError(
      'CONFIG_INVALID',
      `The file ${path} cannot be read (${reason}), but a connection refers to it`,
      {
        data: { file: path },
        cause: error,
      },
    )
  }
  throw new SyncError('CONFIG_INVALID', `The file ${path} is empty, but a connection refers to it`, {
    data: { file: path },
  })
}
