/** One operation of the graph, with the types of its answer and its variables. */
export interface Operation<Answer, Variables> {
  readonly name: string
  /** By which the server knows its text: what is shipped holds no texts. */
  readonly id: string
  /** Only while developing, when the server may not know it yet. */
  readonly text: string | undefined
  /** Only for the compiler. */
  readonly types?: (variables: Variables) => Answer
}

/** How an operation is named in a request over HTTP. */
export function asked<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables,
): Record<string, unknown> {
  return { documentId: operation.id, query: operation.text, variables }
}
