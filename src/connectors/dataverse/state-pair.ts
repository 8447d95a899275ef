import { rawOf, type Values } from '../../core/values/value.ts'
import type { Option } from './metadata.ts'

/** States and statuses of a table, as its metadata lists them; empty where it has none. */
export interface StateOptions {
  readonly states: readonly Option[]
  readonly statuses: readonly Option[]
}

/**
 * State and status are written together (connectors.md A.12): a state alone gets the status it begins with, a status alone
 * the state it belongs to. What the metadata does not tell is left to the service.
 */
export function withStatePair(values: Values, { states, statuses }: StateOptions): Values {
  const state = values['statecode'] ?? null
  const status = values['statuscode'] ?? null
  if (state !== null && status === null) {
    const number = Number(rawOf(state))
    const first =
      states.find(({ Value }) => Value === number)?.DefaultStatus ??
      statuses.find(({ State }) => State === number)?.Value
    return first === undefined ? values : { ...values, statuscode: `int:${first}` }
  }
  if (state === null && status !== null) {
    const own = statuses.find(({ Value }) => String(Value) === rawOf(status))?.State
    return own === undefined || own === null ? values : { ...values, statecode: `int:${own}` }
  }
  return values
}
