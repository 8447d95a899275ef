import { ODataClient } from '../../../src/connectors/odata/client.ts'
import { openTransport, type TestTransport, type TransportOptions } from './transport.ts'

export interface TestClient {
  readonly client: ODataClient
  readonly transport: TestTransport
}

/** A client for a service; an answer may have a megabyte. */
export function openClient(
  root: URL,
  options: TransportOptions & { maxAnswerBytes?: number } = {},
): TestClient {
  const transport = openTransport(options)
  const { maxAnswerBytes = 1_000_000 } = options
  return { client: new ODataClient({ connection: 'crm', root, transport, maxAnswerBytes }), transport }
}
