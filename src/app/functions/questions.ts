import type { OwnAnswer } from '../../core/transform/function-rule.ts'

/** One call of a user's own function. */
export interface FunctionCall {
  /** Path of the module's file. */
  readonly path: string
  readonly name: string
  readonly value: string
}

export type NamedCall = Pick<FunctionCall, 'name' | 'value'>

/** What the process of a module is asked. */
export interface AskedCalls {
  /** Each answer is said before the next call is made. */
  readonly isOneByOne: boolean
  readonly calls: readonly NamedCall[]
}

export type LoadedModule = { readonly names: readonly string[] } | { readonly reason: string }

export interface SandboxLimits {
  /** For one call. */
  readonly callMs: number
  /** For the start of a process with its module. */
  readonly loadMs: number
  readonly memoryMb: number
}

export interface Load {
  readonly kind: 'load'
  readonly number: number
  readonly path: string
}

export interface Call {
  readonly kind: 'call'
  readonly number: number
  readonly path: string
  readonly calls: readonly NamedCall[]
  /** Somebody stands still for the answer. */
  readonly isUrgent: boolean
}

/** What the relay is asked. */
export type Question = Load | Call | { readonly kind: 'close' }

/** The question and what the relay says to it. */
export type Answer =
  | { readonly number: number; readonly loaded: LoadedModule }
  | { readonly number: number; readonly answers: readonly OwnAnswer[] }

/** Places in the memory that the relay shares with whoever stands still. */
export const places = {
  /** Grows with each answer. */
  answered: 0,
  /** 1 once the relay has ended. */
  ended: 1,
} as const

/** What a process of a module is started with. */
export interface ProcessStart {
  readonly limits: SandboxLimits
  /** Arguments of Node that run `child`. */
  readonly program: readonly string[]
}

/** What the relay is started with. */
export interface RelayStart extends ProcessStart {
  readonly port: import('node:worker_threads').MessagePort
  readonly memory: Int32Array
}
