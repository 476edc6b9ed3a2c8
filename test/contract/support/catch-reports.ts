import { onTestFinished, vi } from 'vitest'

/** The errors that the library reports because no caller can catch them; kept from the runner during this test. */
export function catchReports(): readonly unknown[] {
  const reported: unknown[] = []
  const report = (error: unknown) => void reported.push(error)
  vi.stubGlobal('reportError', report)
  const onConsole = vi.spyOn(console, 'error').mockImplementation(report)
  onTestFinished(() => {
    vi.unstubAllGlobals()
    onConsole.mockRestore()
  })
  return reported
}
