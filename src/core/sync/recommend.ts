import type { LineChoice } from './run.ts'

/** How many records pass the filter of a side, as far as a recommendation needs to know. */
export type RecordCount = 'none' | 'one' | 'more'

/** What a recommendation rests on; cheap to find out, whatever the size of the tables. */
export interface ReviewFacts {
  readonly mapping: string
  readonly local: RecordCount
  readonly remote: RecordCount
  /** The only remote record is a currency with rate 1, as a new CRM has it: its base currency. */
  readonly isBaseCurrency: boolean
  /** The mapping says by which fields records find each other. */
  readonly hasMatchFields: boolean
}

/**
 * `No Match Fields`: both sides have records, and nothing says which belong together. Coupling is impossible then, and
 * creating them all would make duplicates by the thousand: the mapping is left out until a person decides.
 */
export const recommendations = [
  'Full Synchronization',
  'Couple Records',
  'No Match Fields',
  'No Records Found',
] as const
export type Recommendation = (typeof recommendations)[number]

/** Mappings of the product with a rule of their own (domain.md §13.2); all others follow the general one. */
const rules: Readonly<Record<string, (facts: ReviewFacts) => Recommendation>> = {
  SALESPEOPLE: () => 'Full Synchronization',
  CURRENCY: ({ isBaseCurrency }) => (isBaseCurrency ? 'Full Synchronization' : 'Couple Records'),
  'UNIT OF MEASURE': withoutDefaultRecord,
  'UNIT GROUP': withoutDefaultRecord,
}

/** What to do with a mapping in a first full synchronization: where both sides have records, creating makes duplicates. */
export function recommend(facts: ReviewFacts): Recommendation {
  const rule = Object.hasOwn(rules, facts.mapping) ? rules[facts.mapping] : undefined
  const recommendation = (rule ?? recommendByRecords)(facts)
  return recommendation === 'Couple Records' && !facts.hasMatchFields ? 'No Match Fields' : recommendation
}

/** A new CRM comes with one unit group. */
function withoutDefaultRecord(facts: ReviewFacts): Recommendation {
  return recommendByRecords(facts.remote === 'one' ? { ...facts, remote: 'none' } : facts)
}

function recommendByRecords({ local, remote }: ReviewFacts): Recommendation {
  if (local === 'none' && remote === 'none') return 'No Records Found'
  return local !== 'none' && remote !== 'none' ? 'Couple Records' : 'Full Synchronization'
}

/** The choice that follows a recommendation. */
export const choiceOf: Readonly<Record<Recommendation, LineChoice>> = {
  'Full Synchronization': 'full',
  'Couple Records': 'couple',
  'No Match Fields': 'leave out',
  'No Records Found': 'leave out',
}
