import { type ExpectStatic, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'
import { expect as plain, use } from 'chai'

use(JestExtend)
use(JestChaiExpect)
use(JestAsymmetricMatchers)

/** The expectations of vitest, also where no vitest runs: in `couplet connector test`. */
export const expect = plain as unknown as ExpectStatic
