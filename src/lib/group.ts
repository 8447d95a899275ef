/** Groups items by a key, keeping the order in which keys and items first appear. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** Indexes items by a key; a later item with the same key replaces the earlier one. */
export function indexBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T> {
  const index = new Map<K, T>()
  for (const item of items) index.set(keyOf(item), item)
  return index
}
