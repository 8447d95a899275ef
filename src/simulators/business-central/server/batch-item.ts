import type { SimAnswer } from '../../kit/http.ts'
import type { Operation } from './located.ts'

/** One request of a batch; those with the same group stand or fall together. */
export interface BatchItem {
  readonly id: string | null
  readonly group: string | null
  readonly operation: Operation
}

/** The answer to one request of a batch. */
export interface ItemAnswer {
  readonly id: string | null
  readonly answer: SimAnswer
}

/** Path and query of a URL that may be absolute, from the root of the host, or relative to the service. */
export function addressOf(url: string, base: string): { readonly path: string; readonly query: string } {
  const absolute = /^https?:/i.test(url)
    ? url
    : url.startsWith('/')
      ? `${originOf(base)}${url}`
      : `${base}/${url}`
  const [path = '', ...query] = absolute.slice(originOf(absolute).length).split('?')
  return { path, query: query.join('?') }
}

const originOf = (url: string): string => /^https?:\/\/[^/]*/i.exec(url)?.[0] ?? ''
