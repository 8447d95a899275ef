import { describe, expect, it } from 'vitest'
import { lostGenerations } from '../../../../src/core/coupling/lost-generations.ts'

describe('the counterparts that a record may have got unnoted', () => {
  it('of one that was never coupled are the first, and the one after that was uncoupled as well', () => {
    expect(lostGenerations(null, [])).toEqual([1, 0])
  })

  it('of one that was uncoupled go up to the one after the next', () => {
    expect(lostGenerations(null, [{ generation: 0 }])).toEqual([2, 1, 0])
    expect(lostGenerations(null, [{ generation: 2 }, { generation: 1 }])).toEqual([4, 3, 2, 1, 0])
  })

  it('of one that is coupled is the one that it gets when its partner has been deleted', () => {
    expect(lostGenerations({ generation: 3 }, [])).toEqual([4])
  })
})
