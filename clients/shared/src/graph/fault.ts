/** Why there is no answer. `code` is the graph's, or OFFLINE when nothing could be reached. */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }

  get isOffline(): boolean {
    return this.code === 'OFFLINE'
  }

  /** The server was renewed and does not know this page's operations: only a newer page helps. */
  get isOutdated(): boolean {
    return this.code === 'PERSISTED_QUERY_NOT_FOUND'
  }
}

/** What was thrown, as a fault. */
export function faultOf(thrown: unknown): Fault {
  return thrown instanceof Fault ? thrown : new Fault('INTERNAL', '')
}
