/** A size in megabytes, as a person says it. @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** @param {number} part of 1 */
export function share(part) {
  return `${Math.floor(part * 100)} %`
}
