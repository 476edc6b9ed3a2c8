/** The parts of the platform's newer way that are used here; TypeScript's library does not have them everywhere yet. */
interface NativeBase64 {
  readonly toBase64?: () => string
}
interface NativeConstructor {
  readonly fromBase64?: (text: string) => Uint8Array
}

/** More arguments in one call than this may be too many for an engine. */
const SLICE = 8_192

/** Bytes as Base64, with padding. */
export function toBase64(bytes: Uint8Array): string {
  const native = (bytes as NativeBase64).toBase64
  if (native) return native.call(bytes)
  let binary = ''
  for (let at = 0; at < bytes.length; at += SLICE) {
    // By `apply`, which takes the bytes as they are; to spread them first takes seven times as long.
    binary += String.fromCharCode.apply(null, bytes.subarray(at, at + SLICE) as unknown as number[])
  }
  return btoa(binary)
}

/**
 * The bytes, or `undefined` where the text is no Base64. Both of the platform's ways, old and new, pass over white
 * space and a missing padding.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    const native = (Uint8Array as NativeConstructor).fromBase64
    if (native) return native.call(Uint8Array, text)
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index)
    return bytes
  } catch {
    return undefined
  }
}
