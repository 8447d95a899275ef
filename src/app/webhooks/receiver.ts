import { AddressRefused, assertHostAllowed, guardedLookup, reachOf } from '../../connectors/http/networks.ts'
import { SyncError } from '../../core/errors.ts'
import type { Config } from '../config.ts'

const MOST_CHARACTERS = 2_000

/**
 * Refuses an address that nothing could be sent to, while somebody is there to correct it; it is judged again whenever it is
 * connected to. A name that cannot be looked up now may be there later. Throws REQUEST_INVALID, ADDRESS_REFUSED; repeats nothing of
 * the address but its host.
 */
export async function assertReceiver(
  field: string,
  text: string,
  { privateNetworks }: Pick<Config, 'privateNetworks'>,
): Promise<void> {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || text.length > MOST_CHARACTERS) throw invalid(field, 'is no address')
  if (!/^https?:$/.test(url.protocol)) throw invalid(field, `begins with ${url.protocol}`)
  if (url.username !== '' || url.password !== '') throw invalid(field, 'holds a user name or password')
  if (url.protocol === 'http:' && privateNetworks.length === 0) {
    throw invalid(field, 'is not encrypted, which is for receivers in COUPLET_PRIVATE_NETWORKS only')
  }
  try {
    assertHostAllowed(url.hostname, privateNetworks, reachOf(url))
    await lookUp(url, privateNetworks)
  } catch (error) {
    if (!(error instanceof AddressRefused)) throw error
    const message = `${field}: nothing is sent to ${url.host}: ${error.message}`
    throw new SyncError('ADDRESS_REFUSED', message, { data: { field, host: url.host }, cause: error })
  }
}

/** Throws AddressRefused. */
function lookUp(url: URL, networks: Config['privateNetworks']): Promise<void> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    guardedLookup(networks, reachOf(url))(hostname, { all: true }, (error) =>
      error instanceof AddressRefused ? reject(error) : resolve(),
    )
  })
}

const invalid = (field: string, reason: string) =>
  new SyncError('REQUEST_INVALID', `${field}: the address ${reason}; write it like https://host/path`, {
    data: { field },
  })
