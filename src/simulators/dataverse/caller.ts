import type { Cell } from '../kit/cells.ts'
import type { SimRequest } from '../kit/http.ts'
import type { Undo } from '../kit/table/table.ts'
import { type EntityModel, findEntity } from './entities/model.ts'
import type { Denial, Organization } from './organization.ts'
import { problems } from './problems.ts'

/** Who does something, and how: one request, one part of a batch, or a person at the screen. */
export interface Caller {
  readonly organization: Organization
  /** Id of the user in `systemuser`, who becomes owner and editor. */
  readonly userId: string
  /** Scheme, host and port of this server, for the addresses in answers. */
  readonly origin: string
  /** A person edits: state may be set at once, and rights are not asked. */
  readonly isPerson: boolean
  readonly bypassesPlugIns: boolean
  readonly detectsDuplicates: boolean
  /** Writes of this request or change set, to be taken back when one of them fails. */
  readonly undo: Undo[]
  /** Addresses of the records that earlier parts of the change set have made, by `$` and content id. */
  readonly references: Map<string, string>
}

/** The root of the Web API; version 9.0 to 9.2. */
export const apiRoot = '/api/data/v9.2'

export function callerOf(
  request: SimRequest,
  organization: Organization,
  userId: string,
  changeSet: Pick<Caller, 'undo' | 'references'> = { undo: [], references: new Map() },
): Caller {
  const bypass = String(request.headers['mscrm.bypassbusinesslogicexecution'] ?? '')
  return {
    organization,
    userId,
    origin: request.origin,
    isPerson: false,
    bypassesPlugIns:
      bypass.includes('CustomSync') || request.headers['mscrm.bypasscustompluginexecution'] === 'true',
    detectsDuplicates: request.headers['mscrm.suppressduplicatedetection'] === 'false',
    ...changeSet,
  }
}

/** Takes back what this request or change set has written, the last write first. */
export function rollBack(caller: Caller): void {
  for (const undo of caller.undo.splice(0).reverse()) undo()
}

/** Throws status 403 when the user lacks the privilege on the table as a whole, or on the column. */
export function assertAllowed(
  caller: Caller,
  model: EntityModel,
  privilege: Denial['privilege'],
  column?: string,
): void {
  if (caller.isPerson) return
  const isDenied = caller.organization.denials.some(
    (denial) =>
      denial.entity === model.logicalName &&
      denial.privilege === privilege &&
      denial.column === column &&
      denial.where === undefined,
  )
  if (isDenied)
    throw problems.denied(privilege, column ? `${model.logicalName}.${column}` : model.logicalName)
}

/** Whether the user sees a record of a table it may read. */
export function sees(caller: Caller, model: EntityModel): (row: Readonly<Record<string, Cell>>) => boolean {
  const hidden = caller.isPerson
    ? []
    : caller.organization.denials.flatMap(({ entity, privilege, where }) =>
        entity === model.logicalName && privilege === 'Read' && where ? [where] : [],
      )
  return (row) => hidden.every(({ column, value }) => row[column] !== value)
}

/** The name people know a record by; null where there is none. */
export function nameOf(organization: Organization, entity: string, key: string): string | null {
  const column = findEntity(entity)?.nameColumn
  const name = column ? organization.table(entity).get(key)?.row[column] : null
  return typeof name === 'string' ? name : null
}
