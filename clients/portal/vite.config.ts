import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import texts from './src/operations/generated/documents.json'

/** The server asks the first page's operation itself, in the words that the page would use. */
function documents(): Plugin {
  return {
    name: 'documents',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'documents.json', source: JSON.stringify(texts) })
    },
  }
}

export default defineConfig({
  // The server hands out the built files there; the pages themselves are at the top.
  base: '/portal/',
  plugins: [vue(), documents()],
  build: {
    target: 'es2022',
    sourcemap: false,
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:8000', ws: true } } },
})
