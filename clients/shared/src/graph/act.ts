import { ref, type Ref, shallowRef, type ShallowRef } from 'vue'
import { ask } from './ask'
import { type Fault, faultOf } from './fault'
import type { Operation } from './operation'

/** A mutation that a person starts. A second start while one runs does nothing. */
export function useAct<Answer, Variables>(
  operation: Operation<Answer, Variables>,
): {
  run: (variables: Variables) => Promise<Answer | undefined>
  running: Ref<boolean>
  fault: ShallowRef<Fault | null>
} {
  const running = ref(false)
  const fault = shallowRef<Fault | null>(null)

  async function run(variables: Variables): Promise<Answer | undefined> {
    if (running.value) return undefined
    running.value = true
    fault.value = null
    try {
      return await ask(operation, variables)
    } catch (thrown) {
      fault.value = faultOf(thrown)
      return undefined
    } finally {
      running.value = false
    }
  }

  return { run, running, fault }
}

/** A key that makes a mutation's repetition harmless. */
export function newKey(): string {
  return (
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(16)).join('-')
  )
}
