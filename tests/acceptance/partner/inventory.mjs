// The office's own store: lamps and posts made up at the start, and a log of faults on disk.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

const SOURCE = 'generated'

export class Inventory {
  lamps = new Map()
  posts = new Map()
  changes = []
  #file
  #waiting = new Set()

  constructor(path, { grids, buildings }) {
    this.#fill(grids, buildings)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const whole = text.slice(0, text.lastIndexOf('\n') + 1) // a crash may leave half a line
    for (const line of whole.split('\n')) if (line) this.#apply(JSON.parse(line))
    this.#file = openSync(path, 'a')
    if (whole !== text) writeSync(this.#file, '\n')
  }

  // Three lamps in each grid, one or two posts at each building; the same at each start.
  #fill(grids, buildings) {
    grids.forEach((grid, i) => {
      for (let n = 1; n <= 3; n++) {
        const code = `L${grid}${String(n).padStart(3, '0')}`
        this.lamps.set(code, {
          code,
          state: 'WORKS',
          watts: [60, 90, 120][(i + n) % 3],
          heightMetres: 8 + (n % 3),
          location: { longitude: 120 + (i + n / 4) / 100, latitude: 36.005 },
          grid: { code: grid },
          contractor: `青岛第${i % 5}照明有限公司`,
          stockNumber: `S${1000 + 3 * i + n}`,
          source: SOURCE,
        })
      }
    })
    buildings.forEach((building, i) => {
      for (let n = 1; n <= 1 + (i % 2); n++) {
        const code = `P${building}-${n}`
        const post = { code, kilowatts: n * 7, building: { code: building }, source: SOURCE }
        this.posts.set(code, post)
      }
    })
  }

  in(grid) {
    return [...this.lamps.values()].filter((lamp) => lamp.grid.code === grid)
  }

  at(building) {
    return [...this.posts.values()].filter((post) => post.building.code === building)
  }

  // On disk before anybody is told.
  report(code, fault, by) {
    const change = { number: this.changes.length + 1, code, fault, by }
    writeSync(this.#file, JSON.stringify(change) + '\n')
    fsyncSync(this.#file)
    this.#apply(change)
    for (const wake of this.#waiting) wake()
    return this.lamps.get(code)
  }

  #apply(change) {
    this.changes.push(change)
    const lamp = this.lamps.get(change.code)
    if (lamp) Object.assign(lamp, { state: 'FAULTY', fault: change.fault, faultBy: change.by })
  }

  // Every change after that number, for ever; ends when `signal` aborts.
  async *follow(number, signal) {
    while (!signal.aborted) {
      if (number < this.changes.length) {
        yield this.changes[number++]
        continue
      }
      await new Promise((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    }
  }

  close() {
    closeSync(this.#file)
  }
}
