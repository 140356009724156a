"""What can be measured of a page's accessibility, in the page itself.

A small list and no library: names and structure (one first heading, no level left out, landmarks, a label for each
field, texts that exist for every reference), contrast of every text and of every field's edge against what is really
behind it, and that nothing has to be scrolled sideways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

_FAULTS = r"""
() => {
  const faults = []
  const all = (css) => [...document.querySelectorAll(css)]
  const shown = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 1
  const name = (e) => e.outerHTML.slice(0, 90)

  if (document.documentElement.lang !== 'en') faults.push('no language')
  if (document.title.length < 10) faults.push('no title')
  if (all('h1').length !== 1) faults.push(`${all('h1').length} first headings`)
  for (const mark of ['header', 'main', 'footer']) if (all(`body > ${mark}`).length !== 1) faults.push(`no one ${mark}`)
  let level = 0
  for (const h of all('h1, h2, h3, h4')) {
    const own = +h.tagName[1]
    if (own > level + 1 && h.closest('main')) faults.push(`h${own} after h${level}: ${h.textContent}`)
    level = own
  }
  const first = all('a, button, input, select')[0]
  if (!first || first.getAttribute('href') !== '#content' || !document.getElementById('content')) faults.push('no way to skip')
  for (const e of all('input:not([type=hidden]), select, textarea'))
    if (![...(e.labels ?? [])].some((l) => l.textContent.trim())) faults.push(`no label: ${name(e)}`)
  for (const e of all('fieldset')) if (!e.querySelector('legend')?.textContent.trim()) faults.push(`no legend: ${name(e)}`)
  for (const e of all('a, button')) if (!e.textContent.trim() && !e.getAttribute('aria-label')) faults.push(`no name: ${name(e)}`)
  for (const e of all('img')) if (!e.hasAttribute('alt')) faults.push(`no alt: ${name(e)}`)
  const ids = all('[id]').map((e) => e.id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`)
  for (const about of ['aria-describedby', 'aria-labelledby'])
    for (const e of all(`[${about}]`))
      for (const id of e.getAttribute(about).split(' '))
        if (!document.getElementById(id)?.textContent.trim()) faults.push(`${about} of nothing: ${id}`)
  for (const e of all('[aria-invalid=true]')) if (!e.getAttribute('aria-describedby')?.includes(`${e.id}-error`)) faults.push(`an error unsaid: ${name(e)}`)
  for (const e of all('.summary a')) if (!document.querySelector(e.getAttribute('href'))?.matches('input, select')) faults.push(`an error of no field: ${name(e)}`)
  const styles = all('script, [style], style, [onclick], [onload]')
  if (styles.length) faults.push(`script or style in the page: ${name(styles[0])}`)

  // Colours: what is painted behind an element is the first ground up from it that covers.
  const rgba = (text) => { const n = text.match(/[\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1] }
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const c = rgba(getComputedStyle(at).backgroundColor)
      if (c[3] === 1) return c
      if (c[3] > 0) faults.push(`a ground that shines through: ${name(at)}`)
    }
    return [255, 255, 255, 1]
  }
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const contrast = (a, b) => { const [hi, lo] = [light(a), light(b)].sort((x, y) => y - x); return (hi + 0.05) / (lo + 0.05) }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  let measured = 0
  for (let t = texts.nextNode(); t; t = texts.nextNode()) {
    const e = t.parentElement
    if (!t.textContent.trim() || !shown(e)) continue
    measured += 1
    const ratio = contrast(rgba(getComputedStyle(e).color), ground(e))
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${t.textContent.trim().slice(0, 60)}`)
  }
  if (measured < 5) faults.push('nothing to read')
  for (const e of all('input:not([type=hidden], [type=checkbox], [type=radio]), select')) {
    const style = getComputedStyle(e)
    const own = contrast(rgba(style.color), ground(e)), edge = contrast(rgba(style.borderTopColor), ground(e.parentElement))
    if (own < 4.5) faults.push(`contrast ${own.toFixed(2)} of what is typed: ${name(e)}`)
    if (edge < 3) faults.push(`contrast ${edge.toFixed(2)} of an edge: ${name(e)}`)
  }
  for (const e of all('button, a.button, nav a, input:not([type=hidden]), select')) {
    const box = (['checkbox', 'radio'].includes(e.type) ? e.closest('label') : e).getBoundingClientRect()
    if (shown(e) && (box.height < 40 || box.width < 24)) faults.push(`small to touch, ${box.width} x ${box.height}: ${name(e)}`)
  }
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the window by ${root.scrollWidth - root.clientWidth}`)
  return faults
}
"""


async def faults_of(page: Page) -> list[str]:
    """What is wrong with the page that is shown, in light and dark, on a desk and on a phone."""
    found = []
    size = page.viewport_size
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1100, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            found += [f"{scheme}, {width}: {fault}" for fault in await page.evaluate(_FAULTS)]
    if size:
        await page.set_viewport_size(size)
    return found
