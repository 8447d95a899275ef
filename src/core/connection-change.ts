import { sealedMark } from './connection-secrets.ts'
import type { ConnectionRecord } from './ports/mapping-store.ts'

/** What somebody wants a connection to be. */
export interface WantedConnection {
  readonly kind: string
  /** Secrets by reference, or as `sealed`: the one that is stored stays. */
  readonly settings: Readonly<Record<string, string>>
  /** Names of the settings whose secrets are given in clear text, to be sealed. */
  readonly secrets: readonly string[]
}

/** What is wrong with one setting. No value is repeated. */
export interface SettingProblem {
  readonly setting: string
  readonly reason: string
}

export interface JudgedChange {
  /** As they are to be stored, without those of `secrets`. */
  readonly settings: Readonly<Record<string, string>>
  readonly problems: readonly SettingProblem[]
}

/** Secrets that prove who we are. What else is secret, as an address or the authorities that are believed, says where they are sent. */
const proof = /(secret|password|passphrase|token|key|certificate)(\.\d+)?$/i
const tame = /^(\d{1,9}|on|off|true|false)$/
const named = /^(env|file|embedded):/

/**
 * Judges a change of a connection by somebody who does not rule the environment of the processes. Whoever may name any variable or file as
 * the secret of a service of their own could read all of them there; so a reference must be allowed, and a reference or sealed secret that is stored
 * stays only while it is sent to the same place. Sealed text itself is never taken. The address of a database is not judged when it is connected to, hence never given in clear text.
 */
export function judgeConnectionChange(
  before: Pick<ConnectionRecord, 'kind' | 'settings'> | null,
  wanted: WantedConnection,
  allowed: readonly string[],
): JudgedChange {
  const isSamePlace = before !== null && leadsToTheSamePlace(before, wanted)
  const problems: SettingProblem[] = []
  const settings: [string, string][] = []
  for (const [setting, text] of Object.entries(wanted.settings)) {
    const stored = before === null ? undefined : ownValue(before.settings, setting)
    const kept = text === sealedMark && stored?.startsWith('sealed:') ? stored : text
    settings.push([setting, kept])
    const isStored = stored !== undefined && kept === stored
    const reason = whyNot({ text, isStored, isSamePlace, isAllowed: isAllowed(text, allowed) })
    if (reason !== null) problems.push({ setting, reason })
  }
  for (const setting of wanted.secrets) {
    if (Object.hasOwn(wanted.settings, setting))
      problems.push({ setting, reason: 'is given twice: in settings and in secrets' })
    if (wanted.kind === 'postgres')
      problems.push({ setting, reason: 'of a database is named by a reference, and not given here' })
  }
  return { settings: Object.fromEntries(settings), problems }
}

interface SettingFacts {
  readonly text: string
  readonly isStored: boolean
  readonly isSamePlace: boolean
  readonly isAllowed: boolean
}

function whyNot({ text, isStored, isSamePlace, isAllowed }: SettingFacts): string | null {
  // Whoever has a backup would have its secrets opened for a place of their own.
  if (text.startsWith('sealed:'))
    return `is sealed: write ${sealedMark} for what is stored, or give the secret anew`
  if (text === sealedMark && !isStored) return 'says that its secret stays as it is, but none is stored'
  if (text !== sealedMark && (!named.test(text) || isAllowed)) return null
  if (isStored && isSamePlace) return null
  return isStored
    ? 'would be sent to another place than before: give the secret anew, or have its reference allowed'
    : 'is a reference that may not be named over HTTP'
}

function leadsToTheSamePlace(
  before: Pick<ConnectionRecord, 'kind' | 'settings'>,
  { kind, settings, secrets }: WantedConnection,
): boolean {
  if (before.kind !== kind) return false
  const names = new Set([...Object.keys(before.settings), ...Object.keys(settings), ...secrets])
  return [...names].every((name) => {
    if (proof.test(name)) return true
    const [was, is] = [ownValue(before.settings, name), ownValue(settings, name)]
    if (secrets.includes(name)) return false
    if (was === is || (is === sealedMark && was?.startsWith('sealed:'))) return true
    return [was, is].every((text) => text === undefined || tame.test(text))
  })
}

function ownValue(settings: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(settings, name) ? settings[name] : undefined
}

/** A reference is allowed as it stands, or by what it begins with where the allowed one ends with a star; nothing leads up and out. */
function isAllowed(text: string, allowed: readonly string[]): boolean {
  if (text.split(/[/\\]/).includes('..')) return false
  return allowed.some((each) => (each.endsWith('*') ? text.startsWith(each.slice(0, -1)) : each === text))
}
