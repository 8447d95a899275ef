import { describe, expect, it } from 'vitest'
import { findClearSecrets } from '../../../src/core/connection-secrets.ts'

describe('settings of a connection', () => {
  it.each([
    ['clientSecret', 'abc'],
    ['clientSecret.2', 'abc'],
    ['password', 'abc'],
    ['Token', 'abc'],
    ['webhookKey', 'abc'],
    ['certificate', '-----BEGIN'],
    ['anything', 'https://user:word@host/'],
    ['url', 'postgres://sync@host/db'],
  ])('hold a secret in clear text: %s', (name, text) => {
    expect(findClearSecrets({ [name]: text, schema: 'public' })).toEqual([name])
  })

  it.each([
    ['clientSecret', 'env:SECRET'],
    ['password', 'file:/run/secrets/x'],
    ['token', 'sealed:v1:k:abc'],
    ['url', 'https://host/path?a=b@c'],
    ['tokenUrl', 'https://login/oauth2'],
    ['certificateAlgorithm', 'PS256'],
    ['keyFields', 'no'],
  ])('hold none: %s = %s', (name, text) => {
    expect(findClearSecrets({ [name]: text })).toEqual([])
  })
})
