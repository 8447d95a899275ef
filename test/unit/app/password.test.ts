import { expect, it } from 'vitest'
import { hashPassword, isPassword, newPassword } from '../../../src/app/password.ts'

it('a password is known again by its hash, which holds nothing of it', async () => {
  const password = newPassword()
  const [hash, again] = await Promise.all([hashPassword(password), hashPassword(password)])
  expect(hash).toMatch(/^scrypt:15:8:3:[\w-]{22}:[\w-]{43}$/)
  expect(hash).not.toBe(again)
  expect(await isPassword(password, hash)).toBe(true)
  expect(await isPassword(`${password}x`, hash)).toBe(false)
  expect(await isPassword(password, null)).toBe(false)
})

it('letters that look alike are one password, however they were entered', async () => {
  const hash = await hashPassword('Größe-Größe-Größe')
  expect(await isPassword('Größe-Größe-Größe'.normalize('NFD'), hash)).toBe(true)
})

it.each(['short', 'x'.repeat(201)])('one of the wrong length is refused', async (password) => {
  await expect(hashPassword(password)).rejects.toMatchObject({ code: 'PASSWORD_REFUSED' })
  expect(await isPassword(password, await hashPassword('long enough for this'))).toBe(false)
})
