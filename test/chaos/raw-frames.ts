/**
 * Byte sequences to inject into a WebSocket link. Pure, so that browsers can use them. Those named `server…`
 * go to a client (unmasked, as a server sends), those named `client…` to a server.
 */

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0) & 0x7f)

/** An honest unmasked text frame, for ASCII up to 125 characters. */
export function serverTextFrame(text: string): Uint8Array {
  return Uint8Array.from([0x81, text.length, ...ascii(text)])
}

/** An honest unmasked close frame, with any code, also one that no library would send. */
export function serverCloseFrame(code: number, reason = ''): Uint8Array {
  return Uint8Array.from([0x88, 2 + reason.length, code >> 8, code & 0xff, ...ascii(reason)])
}

/** Each of these obliges a client to fail the connection. */
export const hostileServerFrames = {
  badUtf8: Uint8Array.of(0x81, 0x02, 0xc3, 0x28),
  reservedBits: Uint8Array.of(0xb1, 0x01, 0x61),
  reservedOpcode: Uint8Array.of(0x83, 0x01, 0x61),
  masked: Uint8Array.of(0x81, 0x81, 0x00, 0x00, 0x00, 0x00, 0x61),
  fragmentedPing: Uint8Array.of(0x09, 0x00),
  longPing: Uint8Array.from([0x89, 0x7e, 0x00, 0x80, ...new Array<number>(128).fill(0x61)]),
  lostContinuation: Uint8Array.of(0x80, 0x01, 0x61),
  oneByteClose: Uint8Array.of(0x88, 0x01, 0x03),
  closeCode1005: serverCloseFrame(1005),
  closeCode999: serverCloseFrame(999),
  badUtf8Close: Uint8Array.of(0x88, 0x04, 0x03, 0xe8, 0xc3, 0x28),
  absurdLength: Uint8Array.of(0x82, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
} as const satisfies Record<string, Uint8Array>

/** Each of these obliges a server to fail the connection. */
export const hostileClientFrames = {
  unmasked: Uint8Array.of(0x81, 0x01, 0x61),
  badUtf8: Uint8Array.of(0x81, 0x82, 0x00, 0x00, 0x00, 0x00, 0xc3, 0x28),
  reservedBits: Uint8Array.of(0xb1, 0x81, 0x00, 0x00, 0x00, 0x00, 0x61),
} as const satisfies Record<string, Uint8Array>
