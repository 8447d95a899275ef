/** What somebody may do. Each role includes those before it. */
export const roles = ['view', 'operate', 'resolve', 'configure', 'administer'] as const

export type Role = (typeof roles)[number]

/** Whether somebody with the one role may do what needs the other. */
export function includesRole(has: Role, needs: Role): boolean {
  return roles.indexOf(has) >= roles.indexOf(needs)
}
