// Verifies a webhook with npm's standardwebhooks. Reads {"secret", "headers", "body"} from standard
// input; prints the message as JSON, or fails.
import { readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'

const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)))
