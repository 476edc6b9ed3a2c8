/** The element with this id. A page without it is not our page. @param {string} id */
export function element(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no element #${id}`)
  return found
}

/** Sets the text where it differs: what does not change is neither laid out nor read out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}
