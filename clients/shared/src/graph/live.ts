import { type Client, createClient } from 'graphql-ws'
import { onScopeDispose, ref, type Ref, watch } from 'vue'
import { language } from '../language/language'
import { accessToken, refresh, whoIsSignedIn } from '../session/session'
import type { Operation } from './operation'
import { ENDPOINT } from './transport'

const CREDENTIAL_ENDED = new Set([4401, 4403])
const LONGEST_PAUSE_MS = 10_000

/** Whether a subscription waits for its connection to come back. */
export const reconnecting = ref(false)

let client: Client | null = null

function connection(): Client {
  client ??= createClient({
    url: `${location.origin.replace(/^http/, 'ws')}${ENDPOINT}`,
    lazyCloseTimeout: 3000,
    keepAlive: 20_000,
    retryAttempts: Infinity,
    shouldRetry: (thrown) => !CREDENTIAL_ENDED.has((thrown as CloseEvent).code),
    retryWait: async (tries) => {
      reconnecting.value = true
      const pause = Math.min(500 * 2 ** tries, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2)
      await Promise.race([new Promise((done) => setTimeout(done, pause)), backOnline()])
    },
    connectionParams: async () => {
      const token = await accessToken()
      return { acceptLanguage: language.value, ...(token ? { authorization: `Bearer ${token}` } : {}) }
    },
    on: { connected: () => (reconnecting.value = false) },
  })
  return client
}

function backOnline(): Promise<void> {
  return new Promise((done) => addEventListener('online', () => done(), { once: true }))
}

/** Another person or language: the next subscription opens a connection of its own. */
function hangUp(): void {
  void client?.dispose()
  client = null
}

watch([whoIsSignedIn, language], hangUp, { flush: 'sync' })

/**
 * Follow a subscription for as long as the component lives, `variables` not being null. After every gap the server tells
 * the whole state again, so whoever follows has missed nothing.
 */
export function useLive<Answer, Variables extends Record<string, unknown>>(
  operation: Operation<Answer, Variables>,
  variables: () => Variables | null,
  heard: (answer: Answer) => void,
): { connected: Ref<boolean> } {
  const connected = ref(false)
  let stop = (): void => undefined

  function follow(asked: Variables | null): void {
    stop()
    connected.value = false
    if (asked === null) return
    let over = false
    const end = connection().subscribe<Answer>(
      // The protocol's own way to name a document by its id; its text is empty then.
      {
        query: operation.text ?? '',
        variables: asked,
        extensions: { persistedQuery: { version: 1, sha256Hash: operation.id.replace('sha256:', '') } },
      },
      {
        next: ({ data }) => {
          connected.value = true
          if (data && !over) heard(data)
        },
        error: (thrown) => {
          if (over || !CREDENTIAL_ENDED.has((thrown as CloseEvent).code)) return
          hangUp()
          void refresh().then((renewed) => {
            if (renewed && !over) follow(asked)
          })
        },
        complete: () => undefined,
      },
    )
    stop = () => {
      over = true
      end()
    }
  }

  watch([() => JSON.stringify(variables()), whoIsSignedIn, language], () => follow(variables()), { immediate: true })
  onScopeDispose(() => stop())
  return { connected }
}
