// Messages that one side pushes and the other reads, until either ends it. A reader that is too slow
// ends it too: it goes on by the cursor of what it read last.
import { GraphQLError } from 'graphql'

const MOST = 1_000 // messages that wait

export class Stream {
  #waiting = []
  #readers = []
  #ended = false
  #release

  constructor(release) {
    this.#release = release
  }

  push(message) {
    if (this.#ended) return
    if (this.#waiting.length < MOST) this.#give(message)
    else this.end([slow()])
  }

  // Ends after what was pushed, with a last message of errors if there are any.
  end(errors) {
    if (this.#ended) return
    if (errors) this.#give({ errors })
    this.#ended = true
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined })
    this.#release()
  }

  async next() {
    if (this.#waiting.length) return { done: false, value: this.#waiting.shift() }
    if (this.#ended) return { done: true, value: undefined }
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  #give(message) {
    const reader = this.#readers.shift()
    if (reader) reader({ done: false, value: message })
    else this.#waiting.push(message)
  }

  async return() {
    this.#waiting = []
    this.end()
    return { done: true, value: undefined }
  }

  async throw(error) {
    await this.return()
    throw error
  }

  [Symbol.asyncIterator]() {
    return this
  }
}

function slow() {
  const told = `the reader is ${MOST} messages behind; subscribe again after the last one it has`
  return new GraphQLError(told, { extensions: { code: 'READER_TOO_SLOW' } })
}
