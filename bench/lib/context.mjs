/** What the scenes of one run share: the scale, the servers, and the processes to end with it. */
import { makeCertificate } from './certificate.mjs'
import { startWorker } from './worker.mjs'

/**
 * @typedef {'full' | 'quick' | 'tiny'} Scale
 * @typedef {ReturnType<typeof import('../peers/index.mjs').describe>} Description
 * @typedef {import('./worker.mjs').Worker & { description: Description }} Contender
 * @typedef {Record<'ws' | 'wss', string>} Bases
 */

export class Context {
  /** @type {Scale} */
  scale
  /** What the report says of those who took part. @type {Map<string, Description>} */
  contenders = new Map()
  /** @type {import('./worker.mjs').Worker[]} */
  #workers = []
  /** @type {Map<string, Promise<any>>} */
  #memo = new Map()

  /** @param {Scale} scale */
  constructor(scale) {
    this.scale = scale
  }

  /** Does something once in a run. @template T @param {string} key @param {() => Promise<T>} make @returns {Promise<T>} */
  once(key, make) {
    const made = this.#memo.get(key) ?? make()
    this.#memo.set(key, made)
    return made
  }

  /** @param {string} file @param {import('./worker.mjs').WorkerOptions} [options] */
  start(file, options) {
    const worker = startWorker(file, options)
    this.#workers.push(worker)
    return worker
  }

  /** Client processes, one a contender. @param {string} file @param {readonly string[]} names @param {string[]} [execArgv] */
  async startContenders(file, names, execArgv = []) {
    const { certFile } = await this.#certificate()
    const contenders = await Promise.all(
      names.map(async (name) => {
        const worker = this.start(file, { execArgv, env: { NODE_EXTRA_CA_CERTS: certFile } })
        const description = await worker.ask('load', { name })
        return Object.assign(worker, { description })
      }),
    )
    for (const { description } of contenders) this.contenders.set(description.name, description)
    return new Map(contenders.map((contender) => [contender.description.name, contender]))
  }

  /** Where a contender's server listens. @param {Contender} contender @returns {Promise<Bases>} */
  async basesFor({ description: { server } }) {
    const certificate = await this.#certificate()
    return this.once(server, () => this.start(`servers/${server}.mjs`).ask('listen', certificate))
  }

  async stop() {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    const { remove } = await this.#certificate()
    remove()
  }

  #certificate() {
    return this.once('certificate', makeCertificate)
  }
}
