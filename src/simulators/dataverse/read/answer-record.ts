import { headerOf, preferencesOf, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { parseQuery } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { odataAnswer, recordAnswer, rootOf } from '../answers.ts'
import { assertAllowed, type Caller } from '../caller.ts'
import type { EntityModel } from '../entities/model.ts'
import { etagOf } from '../organization.ts'
import { problems } from '../problems.ts'
import { expansionOf } from './expand.ts'
import { columnOfProperty } from './fields.ts'
import { annotationsOf, recordMembers } from './record-json.ts'

/** One record; 304 when the client has this version already and asked for nothing more (connectors.md A.5). */
export function answerRecord(
  caller: Caller,
  model: EntityModel,
  stored: Stored,
  request: SimRequest,
): SimAnswer {
  assertAllowed(caller, model, 'Read')
  const options = parseQuery(request.query)
  const list = preferencesOf(request).get('odata.include-annotations')
  const isPlain = list === undefined && !options.has('$expand')
  if (isPlain && headerOf(request, 'if-none-match') === etagOf(stored.version)) {
    return { status: 304, headers: { etag: etagOf(stored.version), 'odata-version': '4.0' }, body: '' }
  }
  const more = expansionOf(caller, model, options.get('$expand'), annotationsOf(list))(stored)
  return recordAnswer(caller, model, stored, 200, request, { select: options.get('$select'), more })
}

/** One property: in an object, or bare with `/$value`. */
export function answerProperty(
  caller: Caller,
  model: EntityModel,
  stored: Stored,
  property: string,
  isBare: boolean,
): SimAnswer {
  assertAllowed(caller, model, 'Read')
  const column = columnOfProperty(caller, model, property)
  const members = recordMembers(caller, model, [column], () => false, stored)
  const value = members.slice(members.indexOf(`,"${property}":`) + property.length + 4)
  if (value === 'null') return { status: 204, headers: { 'odata-version': '4.0' }, body: '' }
  if (isBare) {
    const text = value.startsWith('"') ? (JSON.parse(value) as string) : value
    return odataAnswer(200, text, { 'content-type': 'text/plain' })
  }
  const context = `${rootOf(caller)}/$metadata#${model.entitySet}(${stored.key})/${property}`
  return odataAnswer(200, `{"@odata.context":${JSON.stringify(context)},"value":${value}}`)
}

/** The address of the record that a lookup points to. */
export function lookupOfProperty(model: EntityModel, navigation: string) {
  const found = model.navigations.get(navigation)
  if (!found) throw problems.noSegment(navigation)
  return found
}
