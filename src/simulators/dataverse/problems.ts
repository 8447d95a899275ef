import { HttpProblem } from '../kit/http.ts'

/** What Dataverse refuses, with its status and code (connectors.md A.9). */
export const problems = {
  notFound: (entity: string, key: string) =>
    new HttpProblem(404, '0x80040217', `Entity '${entity}' With Id = ${key} Does Not Exist`),
  notFoundByKey: (entity: string) =>
    new HttpProblem(
      404,
      '0x80060891',
      `A record with the specified key values does not exist in ${entity} entity`,
    ),
  noSegment: (segment: string) =>
    new HttpProblem(404, '0x8006088a', `Resource not found for the segment '${segment}'.`),
  badKey: (entity: string) =>
    new HttpProblem(
      400,
      '0x0',
      `The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.${entity}'.`,
    ),
  urlTooLong: () => new HttpProblem(414, '', 'The request URL is too long.'),
  noMethod: (method: string) =>
    new HttpProblem(405, '0x8006088a', `The method ${method} is not allowed here.`),
  duplicateId: () => new HttpProblem(412, '0x80040237', 'A record with matching key values already exists.'),
  duplicateKey: (key: string) =>
    new HttpProblem(
      412,
      '0x80060892',
      `Entity Key ${key} violated. A record with the same value for ${key} already exists. A duplicate record cannot be created.`,
    ),
  duplicateFound: () =>
    new HttpProblem(
      412,
      '0x80040333',
      'A record was not created or updated because a duplicate of the current record already exists.',
    ),
  versionMismatch: () =>
    new HttpProblem(
      412,
      '0x80060882',
      "The version of the existing record doesn't match the RowVersion property provided.",
    ),
  payload: (message: string) => new HttpProblem(400, '0x80048d19', message),
  undeclared: (property: string, entity: string) =>
    new HttpProblem(
      400,
      '0x80048d19',
      `Error identified in Payload provided by the user for Entity :'${entity}', InnerException : An undeclared property '${property}' which only has property annotations in the payload but no property value was found in the payload.`,
    ),
  noProperty: (property: string, entity: string) =>
    new HttpProblem(
      400,
      '0x0',
      `Could not find a property named '${property}' on type 'Microsoft.Dynamics.CRM.${entity}'.`,
    ),
  invalidProperty: (property: string, entity: string) =>
    new HttpProblem(
      400,
      '0x0',
      `Invalid property '${property}' was found in entity 'Microsoft.Dynamics.CRM.${entity}'.`,
    ),
  tooLong: (column: string, entity: string, length: number) =>
    new HttpProblem(
      400,
      '0x80044331',
      `A validation error occurred.  The length of the '${column}' attribute of the '${entity}' entity exceeded the maximum allowed length of '${length}'.`,
    ),
  outOfRange: (column: string, entity: string) =>
    new HttpProblem(
      400,
      '0x80044330',
      `A validation error occurred.  The value of '${column}' on record of type '${entity}' is outside the valid range.`,
    ),
  noOption: (column: string, entity: string, accepted: readonly number[]) =>
    new HttpProblem(
      400,
      '0x8004431a',
      `A validation error occurred.  The value of '${column}' on record of type '${entity}' is outside the valid range. Accepted Values: ${accepted.join(',')}`,
    ),
  missing: (column: string, entity: string) =>
    new HttpProblem(400, '0x80040203', `The '${column}' attribute of the '${entity}' entity is missing.`),
  statePair: (status: number, state: string) =>
    new HttpProblem(400, '0x80048408', `${status} is not a valid status code for state code ${state}`),
  readOnlyState: (entity: string, state: string) =>
    new HttpProblem(400, '0x80040244', `This ${entity} cannot be changed because it is ${state}.`),
  plugIn: (message: string) => new HttpProblem(400, '0x80040265', message),
  inUse: (entity: string, by: string) =>
    new HttpProblem(
      405,
      '0x80040227',
      `The object you tried to delete is associated with another object and cannot be deleted: '${entity}' is used by '${by}'.`,
    ),
  denied: (privilege: string, what: string) =>
    new HttpProblem(403, '0x80040220', `Principal user is missing prv${privilege} privilege on ${what}.`),
  expired: () =>
    new HttpProblem(
      400,
      '0x80044352',
      'Version stamp associated with the client has expired. Please perform a full sync.',
    ),
  query: (message: string) => new HttpProblem(400, '0x0', message),
  signIn: () =>
    new HttpProblem(401, '0x80072560', 'The access token is missing, expired or invalid.', {
      'www-authenticate': 'Bearer error="invalid_token"',
    }),
} as const
