import ts from 'typescript'
import { bannedGlobals, bannedMembers } from './layers.mjs'

const banned = new Set(bannedGlobals)
/** @type {Map<string, readonly string[]>} */
const members = new Map(Object.entries(bannedMembers))

/** Whether the name means the runtime's own thing: declared by TypeScript's libraries, or not declared at all. */
function isGlobal(/** @type {ts.Identifier} */ node, /** @type {ts.TypeChecker} */ checker) {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node)
  return !symbol?.declarations?.some((declaration) => !declaration.getSourceFile().isDeclarationFile)
}

/** Names that are no references: `clock.setTimeout`, `{ now: … }`, `setTimeout(): void` in an interface. */
function isMereName(/** @type {ts.Identifier} */ node) {
  const { parent } = node
  if (ts.isShorthandPropertyAssignment(parent)) return false
  if (ts.isBindingElement(parent)) return parent.propertyName === node || parent.name === node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isExportSpecifier(parent) || ts.isImportSpecifier(parent)) return true
  return 'name' in parent && parent.name === node
}

/** `Date.now`, `Date['now']`; also Date() and new Date(), which read the clock, and Date or Math handed to others. */
function forbiddenMember(/** @type {ts.Identifier} */ node) {
  const forbidden = members.get(node.text)
  if (!forbidden) return undefined
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) {
    return forbidden.includes(parent.name.text) ? `${node.text}.${parent.name.text}` : undefined
  }
  if (ts.isElementAccessExpression(parent)) return `${node.text}[…]`
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword)
    return undefined
  if (ts.isNewExpression(parent) && parent.arguments?.length) return undefined
  return node.text
}

/**
 * The places of a file that reach for a global that only platform may touch. Types are free: they are gone at run time.
 *
 * @param {ts.SourceFile} source
 * @param {ts.TypeChecker} checker
 */
export function findGlobals(source, checker) {
  /** @type {{ node: ts.Identifier, name: string }[]} */
  const found = []
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isExpressionWithTypeArguments(node)) {
      const isType = ts.isHeritageClause(node.parent) && node.parent.token === ts.SyntaxKind.ImplementsKeyword
      if (!isType) visit(node.expression)
      return
    }
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return
    if (ts.isIdentifier(node) && !isMereName(node)) {
      const name = banned.has(node.text) ? node.text : forbiddenMember(node)
      if (name !== undefined && isGlobal(node, checker)) found.push({ node, name })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
