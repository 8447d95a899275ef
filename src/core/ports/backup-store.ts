/** First line of a backup. */
export interface BackupHeader {
  readonly couplet: 'backup'
  readonly format: 1
  /** Last migration of the store it was made from: it fits a store with exactly this one. */
  readonly migration: string
  /** ISO time of the database's clock. */
  readonly at: string
}

/** A backup as lines of JSON, without its checksum. */
export interface BackupStore {
  /**
   * Everything that has to survive, as of one moment, while work goes on; page by page. Secrets that are stored sealed
   * (`isSecret`) are replaced by a reference to a variable that has to be set after the restore.
   */
  readBackup(isSecret: (value: string) => boolean): AsyncIterable<string>
  /**
   * Puts a backup into the store, all of it or nothing. Throws STORE_NOT_EMPTY unless there is nothing in it or `replace`
   * says that it may go, and BACKUP_INVALID for a backup that does not fit this version.
   */
  restoreBackup(
    lines: AsyncIterable<string>,
    options: { readonly replace: boolean; readonly by: string; readonly reason: string },
  ): Promise<void>
}
