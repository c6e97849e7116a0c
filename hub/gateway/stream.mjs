// Messages that one side pushes and the other reads, until either ends it.
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
    const reader = this.#readers.shift()
    if (reader) reader({ done: false, value: message })
    else this.#waiting.push(message)
  }

  // Ends after what was pushed, with a last message of errors if there are any.
  end(errors) {
    if (this.#ended) return
    if (errors) this.push({ errors })
    this.#ended = true
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined })
    this.#release()
  }

  async next() {
    if (this.#waiting.length) return { done: false, value: this.#waiting.shift() }
    if (this.#ended) return { done: true, value: undefined }
    return new Promise((resolve) => this.#readers.push(resolve))
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
