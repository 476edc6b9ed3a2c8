import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packedPackage, packedProject } from '../../tools/packed.mjs'
import { inRoot } from './dist.ts'

if (!existsSync(packedPackage)) throw new Error('There is no installed package: node tools/packed.mjs')

export const inProject = (path: string): string => join(packedProject, path)

/** Puts a file into the project that has the package installed. */
export function writeInProject(name: string, content: string): string {
  const path = inProject(name)
  writeFileSync(path, content)
  return path
}

export function copyIntoProject(fromRoot: string, name: string): string {
  copyFileSync(inRoot(fromRoot), inProject(name))
  return inProject(name)
}

/** Runs a script of the project by Node to its end, and gives what it printed. */
export function runInProject(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: packedProject, encoding: 'utf8', timeout: 80_000 } as const
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}\n${stderr}`))
      else resolve(stdout)
    })
  })
}
