import type { TextTest } from '../../core/mapping/filter.ts'
import type { FilterDialect } from './filter-dialect.ts'
import { textLiteral } from './literal.ts'

/** From here on a list is shorter than a chain. */
const longList = 10

/** Dataverse (connectors.md A.3): no `in`, text without regard to case, wildcards in text functions. */
export const dataverseDialect: FilterDialect = {
  orAcrossProperties: true,
  earliestDate: '1753-01-01',
  maxLength: 16_000,
  textTest(op, property, text) {
    // An empty text is kept as null.
    if (text === '') return null
    if (op === '=') return `${property} eq ${textLiteral(text)}`
    const piece = withoutSets(op, text)
    return piece === '' ? null : `${functions[op]}(${property},${textLiteral(piece)})`
  },
  listTest(property, raws) {
    // How a lookup is named here, and how quotes are written, is not documented.
    if (raws.length < longList || /^_.*_value$/.test(property)) return null
    if (raws.some((raw) => /['"\\]/.test(raw))) return null
    return `Microsoft.Dynamics.CRM.In(PropertyName='${property}',PropertyValues=${JSON.stringify(raws)})`
  },
}

const functions: Readonly<Record<TextTest, string>> = { 'begins with': 'startswith', contains: 'contains' }

/**
 * `%` and `_` let more through than the text alone; a set in brackets would not even let the text itself through, so the
 * test goes without: the part before the first one, or the longest part between them.
 */
function withoutSets(op: TextTest, text: string): string {
  const pieces = text.split(/[[\]]/)
  if (op === 'begins with') return pieces[0] ?? ''
  return pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '')
}

/**
 * What means something in a filter of AL, into which the service turns ours; and brackets, which mean a set to the database
 * below: nothing says that they are escaped on the way, and a filter must not lose what it lets through.
 */
const specialInAl = /[&|<>=()'"@*?[\]]|\.\./

/** Business Central and NAV (connectors.md B.3): `or` within one property only; the service turns it into an AL filter. */
export const businessCentralDialect: FilterDialect = {
  orAcrossProperties: false,
  earliestDate: '0001-01-02',
  maxLength: 16_000,
  textTest(op, property, text) {
    if (text === '' || specialInAl.test(text)) return null
    return op === '='
      ? `${property} eq ${textLiteral(text)}`
      : `${functions[op]}(${property},${textLiteral(text)})`
  },
  listTest: () => null,
}
