/**
 * The types of the package: tsc writes one declaration a module to temp/types, API Extractor rolls them up to one
 * file an entry, and keeps the API report of each entry in test/api.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { entries, entryName, reportName, typeSource } from './entries.mjs'
import { root } from './root.mjs'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, root))

export function emitDeclarations() {
  rmSync(path('temp/types'), { recursive: true, force: true })
  const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', 'temp/types']
  const args = ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.json', ...flags]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('tsc could not emit the declarations')
}

/**
 * @param {import('./entries.mjs').Entry} entry
 * @param {{ rollup: boolean, report: boolean, update?: boolean }} wanted
 */
function extract(entry, { rollup, report, update = false }) {
  const file = ExtractorConfig.loadFile(path('api-extractor.json'))
  const declaration = typeSource(entry)
    .replace(/^src\//, 'temp/types/')
    .replace(/\.ts$/, '.d.ts')
  const config = ExtractorConfig.prepare({
    configObjectFullPath: path('api-extractor.json'),
    packageJsonFullPath: path('package.json'),
    configObject: {
      ...file,
      projectFolder: path('.'),
      mainEntryPointFilePath: path(declaration),
      dtsRollup: { enabled: rollup, publicTrimmedFilePath: path(`dist/${entryName(entry)}.d.ts`) },
      apiReport: {
        ...file.apiReport,
        enabled: report,
        reportFileName: `${reportName(entry)}.api.md`,
        reportFolder: path('test/api'),
        reportTempFolder: path('temp/api'),
      },
    },
  })
  return Extractor.invoke(config, {
    localBuild: update,
    showVerboseMessages: false,
    messageCallback: (message) => {
      // What it finds wrong with the API is for the report. A build fails only where the compiler does.
      if (!report && message.category !== 'Compiler') message.logLevel = ExtractorLogLevel.None
    },
  })
}

/** Writes dist/<entry>.d.ts, and the same as .d.cts for `require`. */
export function rollUpTypes() {
  for (const entry of entries) {
    if (!extract(entry, { rollup: true, report: false }).succeeded) {
      throw new Error(`API Extractor could not roll up the types of ${entry.subpath}`)
    }
    const declaration = path(`dist/${entryName(entry)}.d.ts`)
    keepLibraryReferences(entry, declaration)
    copyFileSync(declaration, declaration.replace(/\.d\.ts$/, '.d.cts'))
  }
}

/**
 * API Extractor leaves out `/// <reference lib>`, without which a project with an older `lib` cannot read the types.
 *
 * @param {import('./entries.mjs').Entry} entry
 * @param {string} declaration
 */
function keepLibraryReferences(entry, declaration) {
  const source = readFileSync(new URL(typeSource(entry), root), 'utf8')
  const references = source.match(/^\/\/\/ <reference lib="[\w.]+"/gm) ?? []
  const lines = references.map((reference) => `${reference} />\n`).join('')
  writeFileSync(declaration, lines + readFileSync(declaration, 'utf8'))
}

/**
 * Compares the API of each entry with its committed report; `update` rewrites the reports.
 *
 * @param {boolean} update
 */
export function checkReports(update) {
  mkdirSync(path('test/api'), { recursive: true })
  return entries.map((entry) => {
    const { succeeded, apiReportChanged } = extract(entry, { rollup: false, report: true, update })
    return { entry, succeeded, changed: apiReportChanged && !update }
  })
}
