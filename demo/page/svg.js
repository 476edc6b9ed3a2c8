const SVG = 'http://www.w3.org/2000/svg'

/**
 * A new SVG element.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {Element} [parent]
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg(name, attributes, parent) {
  const node = document.createElementNS(SVG, name)
  place(node, attributes)
  parent?.append(node)
  return node
}

/** Sets attributes, those that differ. Lengths are rounded: a tenth of a pixel is enough. */
export function place(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
    if (node.getAttribute(name) !== text) node.setAttribute(name, text)
  }
}
