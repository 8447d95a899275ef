import type { FieldType } from './schema.ts'

/**
 * What converting values of one type to another means: `fits` – every value or nearly every one (lengths, ranges and
 * spellings apart) has a counterpart; `narrows` – the target keeps less, so that many values are refused; `never`.
 */
export type TypeFit = 'fits' | 'narrows' | 'never'

/** How well values of type `from` go into fields of type `to`; the exact answer for one value is `convertValue`. */
export function typeFit(from: FieldType, to: FieldType): TypeFit {
  if (from.kind === to.kind || isText(from) || to.kind === 'text') return 'fits'
  if (to.kind === 'code') return from.kind === 'json' || from.kind === 'bytes' ? 'never' : 'fits'
  if (from.kind === 'date' && to.kind === 'moment') return 'fits'
  if (from.kind === 'moment' && to.kind === 'date') return 'narrows'
  const rank = numberRank(to) - numberRank(from)
  if (Number.isNaN(rank)) return 'never'
  return rank < 0 ? 'narrows' : 'fits'
}

function isText(type: FieldType): boolean {
  return type.kind === 'text' || type.kind === 'code'
}

/** Numbers by how much they can tell apart; decimals without decimals are whole numbers. */
function numberRank(type: FieldType): number {
  switch (type.kind) {
    case 'boolean':
      return 1
    case 'integer':
    case 'option':
      return 2
    case 'decimal':
      return type.scale !== null && type.scale <= 0 ? 2 : 3
    default:
      return Number.NaN
  }
}
