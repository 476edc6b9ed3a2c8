import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const sources = fileURLToPath(new URL('../servers/aspnet/', import.meta.url))
/** Whatever the SDK writes, it writes here. */
const temp = fileURLToPath(new URL('../../temp/', import.meta.url))
const artifacts = `${temp}demo-aspnet`
const WANTED_MAJOR = 10
const LOOK_MS = 20_000
const BUILD_MS = 180_000

const env = {
  ...process.env,
  DOTNET_CLI_HOME: `${temp}dotnet`,
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
  DOTNET_NOLOGO: '1',
  MSBUILDDISABLENODEREUSE: '1',
  NUGET_PACKAGES: `${temp}dotnet/nuget`,
}

/** Why this machine cannot run it; `undefined` where it can. */
export async function missingDotnet() {
  try {
    const { stdout } = await run('dotnet', ['--list-sdks'], { env, timeout: LOOK_MS })
    const majors = stdout.split('\n').map((line) => Number.parseInt(line, 10))
    return majors.includes(WANTED_MAJOR) ? undefined : `dotnet is there, its SDK ${WANTED_MAJOR} is not`
  } catch {
    return `needs the .NET SDK ${WANTED_MAJOR}`
  }
}

/** Builds it, which takes a while the first time. @returns {Promise<readonly [string, ...string[]]>} the command that runs it */
export async function buildAspnet() {
  const args = ['build', sources, '-c', 'Release', '--artifacts-path', artifacts, '-nodeReuse:false']
  await run('dotnet', [...args, '-p:UseSharedCompilation=false'], { env, timeout: BUILD_MS })
  return ['dotnet', `${artifacts}/bin/aspnet/release/PlainServer.dll`]
}
