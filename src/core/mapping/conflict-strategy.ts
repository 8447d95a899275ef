/** What happens to a field that both sides have changed to different values (domain.md §9). */
export const conflictStrategies = [
  'ask',
  'local wins',
  'remote wins',
  'newest wins',
  'fill empty',
  'sum of changes',
] as const
export type ConflictStrategy = (typeof conflictStrategies)[number]

/** The product's own policies, as names for three of the strategies. */
const presets = {
  None: 'ask',
  'Send Update to Integration': 'local wins',
  'Get Update from Integration': 'remote wins',
} as const satisfies Record<string, ConflictStrategy>

export const updateConflicts = [
  'None',
  'Send Update to Integration',
  'Get Update from Integration',
  ...conflictStrategies,
] as const
export type UpdateConflict = (typeof updateConflicts)[number]

/** The strategy that a mapping's `updateConflict` stands for. */
export function strategyOf(updateConflict: UpdateConflict): ConflictStrategy {
  return Object.hasOwn(presets, updateConflict)
    ? presets[updateConflict as keyof typeof presets]
    : (updateConflict as ConflictStrategy)
}

/** Who decides about fields of a coupled pair that have never agreed yet (domain.md §13.3). */
export const initialDirections = ['local is master', 'remote is master', 'merge', 'couple only'] as const
export type InitialDirection = (typeof initialDirections)[number]
