import type { DynamicsSystems } from './systems.ts'

/** References under which the secrets of both connections are found. */
export interface SecretReferences {
  readonly local: string
  readonly remote: string
}

/** The settings of the connection to Business Central; `tables`: what no metadata tells about the pages of its custom API. */
export function localSettings(
  systems: DynamicsSystems,
  { local: clientSecret }: SecretReferences,
  tables: string,
) {
  const { tenant, clientId } = systems
  const { url, authority, company } = systems.local
  return {
    kind: 'business-central',
    settings: {
      url,
      tenant,
      environment: 'Production',
      company,
      authority,
      clientId,
      clientSecret,
      apis: 'v2.0,couplet/sync/v1.0',
      tables,
      requestsPerFiveMinutes: '100000',
    },
  }
}

/** The settings of the connection to Dataverse. */
export function remoteSettings(systems: DynamicsSystems, { remote: clientSecret }: SecretReferences) {
  const { tenant, clientId } = systems
  const { url } = systems.remote
  return {
    kind: 'dataverse',
    settings: {
      url,
      tenant,
      authority: url,
      clientId,
      clientSecret,
      requestsPerFiveMinutes: '100000',
      executionSecondsPerFiveMinutes: '100000',
    },
  }
}
