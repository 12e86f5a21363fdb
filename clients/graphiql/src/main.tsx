import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './theme.css'

import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { authorization } from './session'
import { SignIn } from './SignIn'
import { WELCOME_HEADERS, WELCOME_QUERY } from './welcome'

// Beside this page, wherever a proxy has put both.
const endpoint = new URL('../graphql', document.baseURI).href
const send = createGraphiQLFetcher({ url: endpoint })
// A header that somebody typed goes before the sign-in's.
const fetcher: Fetcher = async (parameters, options) =>
  send(parameters, { ...options, headers: { ...(await authorization(endpoint)), ...options?.headers } })

const root = document.getElementById('graphiql')
if (!root) {
  throw new Error('index.html has no element #graphiql')
}

createRoot(root).render(
  <StrictMode>
    <SignIn endpoint={endpoint} />
    <GraphiQL
      fetcher={fetcher}
      defaultQuery={WELCOME_QUERY}
      defaultHeaders={WELCOME_HEADERS}
      defaultEditorToolsVisibility="headers"
      // Headers may hold a key: they are kept only for whoever switches that on in the settings.
      showPersistHeadersSettings
    >
      <GraphiQL.Logo>HTBooking</GraphiQL.Logo>
    </GraphiQL>
  </StrictMode>,
)
