// Reads an AsyncAPI document from a file; prints what its own parser finds as JSON:
// {"diagnostics": [{"severity", "path", "message"}, …], "channels", "operations", "messages"}.
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'))
const names = (found) => found?.all().map((each) => each.id()) ?? []
const told = {
  diagnostics: diagnostics.map(({ severity, path, code, message }) => ({
    severity,
    code,
    path: path.join('.'),
    message,
  })),
  channels: names(document?.allChannels()),
  operations: names(document?.allOperations()),
  messages: names(document?.allMessages()),
}
console.log(JSON.stringify(told))
