/** One operation of the graph, with the types of its answer and its variables. */
export interface Operation<Answer, Variables> {
  readonly name: string
  readonly text: string
  /** Only for the compiler. */
  readonly types?: (variables: Variables) => Answer
}
