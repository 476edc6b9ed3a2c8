import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findCommand } from '../../../demo/servers/proxies/run.mjs'

const sources = fileURLToPath(new URL('../../../demo/servers/aspnet/', import.meta.url))
const cache = fileURLToPath(new URL('../../../temp/servers/', import.meta.url))
const program = 'bin/aspnet/release/PlainServer.dll'
const wantedMajor = 10
const buildTimeoutMs = 180_000

/** Nothing of this is left behind: no build server, no telemetry, no certificate, nothing in the home folder. */
const environment = {
  ...process.env,
  DOTNET_CLI_HOME: cache,
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
  DOTNET_NOLOGO: '1',
  MSBUILDDISABLENODEREUSE: '1',
  NUGET_PACKAGES: `${cache}nuget`,
}

let why: { readonly reason: string | undefined } | undefined
let built: Promise<string> | undefined

export function missingDotnet(): string | undefined {
  why ??= { reason: lookForDotnet() }
  return why.reason
}

function lookForDotnet(): string | undefined {
  if (findCommand('dotnet') === undefined) return 'the .NET SDK (dotnet) is not installed'
  const { stdout } = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8', env: environment })
  const majors = (stdout ?? '').split('\n').map((line) => Number.parseInt(line, 10))
  return majors.includes(wantedMajor) ? undefined : `dotnet has no SDK of version ${wantedMajor}`
}

/** The program, built where that has not been done for these sources yet. */
export function builtProgram(): Promise<string> {
  built ??= build()
  return built
}

async function build(): Promise<string> {
  const folder = `${cache}aspnet-${hashOfSources()}`
  const finished = `${folder}/${program}`
  if (existsSync(finished)) return finished
  // Processes that build at the same time do it apart; the first one's result stays.
  const own = `${folder}.${process.pid}`
  mkdirSync(own, { recursive: true })
  const args = ['build', sources, '-c', 'Release', '--artifacts-path', own, '-nodeReuse:false']
  args.push('-p:UseSharedCompilation=false')
  await promisify(execFile)('dotnet', args, { env: environment, timeout: buildTimeoutMs })
  try {
    renameSync(own, folder)
  } catch (error) {
    rmSync(own, { recursive: true, force: true })
    if (!existsSync(finished)) throw error
  }
  return finished
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(sources).sort()) {
    if (/\.(cs|csproj|config|props)$/.test(name)) hash.update(name).update(readFileSync(sources + name))
  }
  return hash.digest('hex').slice(0, 16)
}
