import { headerOf, preferencesOf, type SimAnswer, type SimRequest } from '../kit/http.ts'
import type { Stored } from '../kit/table/row-source.ts'
import { apiRoot, type Caller } from './caller.ts'
import type { EntityModel } from './entities/model.ts'
import { etagOf } from './organization.ts'
import { selectedColumns } from './read/expand.ts'
import { annotationsOf, columnsToShow, recordMembers } from './read/record-json.ts'

export const odataHeaders = {
  'content-type': 'application/json; odata.metadata=minimal',
  'odata-version': '4.0',
} as const

/** An answer whose body has been written as text already. */
export function odataAnswer(
  status: number,
  body: string,
  headers: Record<string, string> = {},
  rows = 1,
): SimAnswer {
  return { status, headers: { ...odataHeaders, ...headers }, body, rows }
}

/** An answer without a body. */
export function noContent(headers: Record<string, string> = {}): SimAnswer {
  return { status: 204, headers: { 'odata-version': '4.0', ...headers }, body: '', rows: 1 }
}

export function rootOf(caller: Caller): string {
  return `${caller.origin}${apiRoot}`
}

export function addressOf(caller: Caller, model: EntityModel, key: string): string {
  return `${rootOf(caller)}/${model.entitySet}(${key})`
}

export const wantsRepresentation = (request: SimRequest): boolean =>
  preferencesOf(request).get('return') === 'representation'

/** The record as the answer to a read or a write: with `$select` and the annotations that were asked for. */
export function recordAnswer(
  caller: Caller,
  model: EntityModel,
  stored: Stored,
  status: number,
  request: SimRequest,
  { select, more = '' }: { readonly select: string | undefined; readonly more?: string },
): SimAnswer {
  const annotations = annotationsOf(preferencesOf(request).get('odata.include-annotations'))
  const columns = columnsToShow(model, selectedColumns(caller, model, select))
  const context = `${rootOf(caller)}/$metadata#${model.entitySet}${select ? `(${select})` : ''}/$entity`
  const members = recordMembers(caller, model, columns, annotations, stored)
  const applied = wantsRepresentation(request)
    ? { 'preference-applied': 'return=representation' }
    : ({} as Record<string, string>)
  return odataAnswer(status, `{"@odata.context":${JSON.stringify(context)},${members}${more}}`, {
    etag: etagOf(stored.version),
    ...applied,
  })
}

/** The precondition of a request (connectors.md A.5). */
export function preconditionOf(request: SimRequest): {
  readonly match: string | null
  readonly isCreateOnly: boolean
} {
  return {
    match: headerOf(request, 'if-match'),
    isCreateOnly: headerOf(request, 'if-none-match') === '*',
  }
}
