import { describe, expect, it } from 'vitest'
import { withStatePair } from '../../../../src/connectors/dataverse/state-pair.ts'

const options = {
  states: [{ Value: 0 }, { Value: 1, DefaultStatus: 4 }, { Value: 2 }],
  statuses: [
    { Value: 1, State: 0 },
    { Value: 2, State: 0 },
    { Value: 3, State: 1 },
    { Value: 4, State: 1 },
  ],
}

describe('state and status', () => {
  it.each([
    [
      'a state alone gets its first status',
      { statecode: 'int:0' },
      { statecode: 'int:0', statuscode: 'int:1' },
    ],
    ['or the one it begins with', { statecode: 'int:1' }, { statecode: 'int:1', statuscode: 'int:4' }],
    ['a status alone gets its state', { statuscode: 'int:3' }, { statecode: 'int:1', statuscode: 'int:3' }],
    [
      'a pair stays as it is',
      { statecode: 'int:0', statuscode: 'int:3' },
      { statecode: 'int:0', statuscode: 'int:3' },
    ],
    ['nothing is made up', { statecode: 'int:2', name: 'text:x' }, { statecode: 'int:2', name: 'text:x' }],
    ['nor for a status that nobody knows', { statuscode: 'int:9' }, { statuscode: 'int:9' }],
    ['other values are left alone', { name: 'text:x' }, { name: 'text:x' }],
  ] as const)('%s', (_, values, expected) => {
    expect(withStatePair(values, options)).toEqual(expected)
  })
})
