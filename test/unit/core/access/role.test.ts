import { describe, expect, it } from 'vitest'
import { includesRole, roles } from '../../../../src/core/access/role.ts'

describe('a role', () => {
  it('includes itself and those before it, and none behind it', () => {
    const may = roles.map((has) => roles.filter((needs) => includesRole(has, needs)).length)
    expect(may).toEqual([1, 2, 3, 4, 5])
    expect(includesRole('view', 'operate')).toBe(false)
    expect(includesRole('administer', 'configure')).toBe(true)
  })
})
