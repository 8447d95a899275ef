import { HttpProblem } from '../kit/http.ts'

/** The body of an answer that is an error: the message ends with the id that support would ask for. */
export function errorBody(error: Pick<HttpProblem, 'code' | 'message'>, correlationId: string) {
  return { error: { code: error.code, message: `${error.message}  CorrelationId:  ${correlationId}.` } }
}

const refuse = (status: number, code: string) => (message: string) => new HttpProblem(status, code, message)

const badRequest = refuse(400, 'BadRequest')
const invalidOperation = refuse(400, 'BadRequest_InvalidOperation')
const ruleBroken = refuse(400, 'Application_DialogException')
const notValid = refuse(400, 'Application_FieldValidationException')

/** Every refusal of the service, by name; texts as the product words them where connectors.md has them. */
export const refusals = {
  malformed: badRequest,
  invalidUrl: refuse(400, 'BadRequest_InvalidRequestUrl'),
  rule: ruleBroken,
  notValid,
  noSegment: (segment: string) =>
    new HttpProblem(404, 'BadRequest_NotFound', `Resource not found for the segment '${segment}'.`),
  noRecord: (what: string) => new HttpProblem(404, 'Internal_RecordNotFound', `The ${what} does not exist.`),
  noCompany: () =>
    new HttpProblem(404, 'Internal_CompanyNotFound', 'The requested company was not found in the database.'),
  methodNotAllowed: (method: string, entitySet: string) =>
    new HttpProblem(
      405,
      'BadRequest_MethodNotAllowed',
      `'${entitySet}' does not support the method ${method}.`,
    ),
  noParent: () => badRequest('You must specify a parent ID in order to retrieve or create lines.'),
  unknownProperty: (property: string, type: string) =>
    badRequest(
      `The property '${property}' does not exist on type '${type}'. Make sure to only use property names that are defined by the type.`,
    ),
  readOnlyProperty: (property: string) => invalidOperation(`The property '${property}' is read-only.`),
  missingProperty: (property: string) =>
    new HttpProblem(400, 'BadRequest_RequiredParamNotProvided', `A "${property}" must be provided.`),
  emptyProperty: (property: string) => ruleBroken(`A "${property}" must be provided.`),
  wrongType: (property: string, expected: string) =>
    badRequest(`Cannot convert the value of the property '${property}' to the expected type '${expected}'.`),
  noToken: () =>
    new HttpProblem(
      400,
      'BadRequest_InvalidToken',
      "The request requires an 'If-Match' header with the value of the record's '@odata.etag'.",
    ),
  entityChanged: () =>
    new HttpProblem(
      409,
      'Request_EntityChanged',
      'Another user has already changed the record. Please refresh the page and try again.',
    ),
  sameKey: (status: number, table: string, values: string) =>
    new HttpProblem(
      status,
      'Internal_EntityWithSameKeyExists',
      `The ${table} already exists. Identification fields and values: ${values}`,
    ),
  tableRelation: (table: string, field: string, value: string, related: string) =>
    new HttpProblem(
      400,
      'Internal_InvalidTableRelation',
      `The field ${field} of table ${table} contains a value (${value}) that cannot be found in the related table (${related}).`,
    ),
  unknownId: (property: string, related: string) =>
    ruleBroken(`The "${property}" does not match to a ${related}.`),
  valuesDisagree: (what: string, related: string) =>
    ruleBroken(`The ${what} values do not match to a specific ${related}.`),
  notAnOption: (text: string, members: readonly string[]) =>
    new HttpProblem(
      400,
      'Unknown',
      `'${text}' is not an option. The existing options are: ${members.join(',')}`,
    ),
  tooLong: (length: number, allowed: number, value: string) =>
    new HttpProblem(
      400,
      'Application_StringExceededLength',
      `The length of the string is ${length}, but it must be less than or equal to ${allowed} characters. Value: ${value}`,
    ),
  orOnDistinctFields: () =>
    badRequest("The 'OR' operator is not supported on distinct fields on an OData filter."),
  tooManyRequests: (actual: number, maximum: number) =>
    new HttpProblem(
      429,
      'Application_TooManyRequests',
      `Too many requests reached. Actual (${actual}). Maximum (${maximum}).`,
    ),
  ranTooLong: () =>
    new HttpProblem(
      408,
      'Unknown',
      'The operation was canceled because it ran longer than the maximum time allowed.',
    ),
  tenantUnavailable: () =>
    new HttpProblem(503, 'Internal_TenantUnavailable', 'The service is temporarily unavailable.'),
  signIn: () =>
    new HttpProblem(
      401,
      'Authentication_InvalidCredentials',
      'The server has rejected the client credentials.',
    ),
  denied: (what: string) =>
    new HttpProblem(
      403,
      'Authorization_RequestDenied',
      `Sorry, the current permissions prevented the action. (TableData ${what})`,
    ),
} as const
