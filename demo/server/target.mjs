/** An id is drawn by the page: letters, digits and dashes. */
const ID = /^[\w-]{8,64}$/

/**
 * The parts of a request's target. Nothing is decoded in the path: it is only ever compared.
 *
 * @param {string | undefined} target
 */
export function readTarget(target = '/') {
  const [path = '/', query = ''] = target.split('?', 2)
  const parameters = new URLSearchParams(query)
  const id = parameters.get('client') ?? ''
  return { path, parameters, id: ID.test(id) ? id : undefined }
}
