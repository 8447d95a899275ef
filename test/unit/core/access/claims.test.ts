import { expect, it } from 'vitest'
import { nameOfClaims, parseRoles, roleOfClaims } from '../../../../src/core/access/claims.ts'

const roles = parseRoles('admins=administer, staff = view,a=b=operate') ?? new Map()

it.each([
  [{ groups: ['staff'] }, 'view'],
  [{ groups: ['staff', 'admins', 'others'] }, 'administer'],
  [{ groups: 'a=b' }, 'operate'],
  [{ groups: [] }, null],
  [{ groups: { staff: true } }, null],
  [{ groups: [1, null] }, null],
  [{}, null],
  [{ groups: ['constructor', '__proto__'] }, null],
])('%o gives %s', (claims, role) => {
  expect(roleOfClaims(claims, { claim: 'groups', roles })).toBe(role)
})

it('a claim may lie in an object, or have dots in its name', () => {
  const rule = { claim: 'realm.roles', roles }
  expect(roleOfClaims({ realm: { roles: ['staff'] } }, rule)).toBe('view')
  expect(roleOfClaims({ 'realm.roles': ['admins'], realm: { roles: ['staff'] } }, rule)).toBe('administer')
  expect(roleOfClaims({ realm: null }, rule)).toBeNull()
  expect(roleOfClaims({}, { claim: 'constructor.name', roles })).toBeNull()
})

it.each(['staff', 'staff=king', '=view', 'a=view,a=operate'])('%s is no list of roles', (text) => {
  expect(parseRoles(text)).toBeNull()
})

it('a person is called as people know them', () => {
  expect(nameOfClaims({ sub: '1', preferred_username: 'eva', email: 'e@x' })).toBe('eva')
  expect(nameOfClaims({ sub: '1', preferred_username: ' ', email: 'e@x' })).toBe('e@x')
  expect(nameOfClaims({ sub: '1' })).toBe('1')
})
