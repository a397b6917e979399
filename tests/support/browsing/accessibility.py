"""What axe finds on a page: what is alike goes before it looks, and colours are looked at once a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Rows of a table are alike, and so are entries of a list, tracings, their names, lines of an axis and words of code;
# axe takes seconds to look at thousands. Of those beside each other, and of words on the page, the first two stay and
# all that look new among lists in the same place: another element, attribute, neighbour or place of a text; in an entry
# of a list and in a tracing, in whatever number. Values that no rule of axe reads make no new look, nor do breaks and
# the lines of drawings that are hidden from readers.
SHORTEN = """() => {
  const unread = /^(href|id|download|data-.*|[cr]?[xy][12]?|r|d|width|height)$/;
  const within = "*:not(wbr, svg[aria-hidden] :not(text, tspan, a, [tabindex]))";
  const kind = (one) => [one.tagName, !one.textContent.trim(), [...one.childNodes].some((text) => text.data?.trim()),
    ...[...one.attributes].map(({name, value}) => unread.test(name) ? name : name + value)].join();
  const placed = (one) => [one.previousElementSibling?.tagName, kind(one), one.nextElementSibling?.tagName].join();
  const look = (one) => {
    const parts = [...one.querySelectorAll(within)].map(placed);
    return [kind(one), ...(one.matches("li, .way") ? new Set(parts) : parts)].join(";");
  };
  const place = (one) => one ? `${place(one.parentElement)} ${one.tagName}.${one.className}` : "";
  const shorten = (alike, looks) => {
    alike.forEach((one, nth) => {
      const known = looks.size;
      looks.add(look(one));
      if (nth >= 2 && looks.size === known) one.remove();
    });
  };
  shorten([...document.querySelectorAll("pre span:not(:has(*))")], new Set());
  for (const part of ["dd > code", "svg[aria-hidden] > line", "svg[aria-hidden] > text", "li", "tbody > tr", ".way"]) {
    const lists = new Set([...document.querySelectorAll(part)].map((one) => one.parentElement)), known = new Map();
    for (const list of lists) {
      if (!known.has(place(list))) known.set(place(list), new Set());
      shorten([...list.children].filter((one) => one.matches(part)), known.get(place(list)));
    }
  }
}"""
# Most of axe's time goes to the contrast of each text, which follows from styles alone: its own, those of the line that
# it stands in, and what is behind it. Of the texts, links and fields with the same ones the first seen is marked; texts
# of one letter, of which axe says nothing, stand for none but such.
MARK = """(within) => {
  const behind = ["backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode", "position", "transform",
    "clipPath"];
  const own = ["color", "fontSize", "fontWeight", "fontStyle", "textShadow", "textDecorationLine", "borderBottomStyle",
    "display", "marginTop"];
  const numbers = new Map(), stacks = new Map(), looks = new Set();
  const letters = (one) => [...one.childNodes].filter((text) => text.nodeType === Node.TEXT_NODE)
    .reduce((count, text) => count + text.data.trim().length, 0);
  const number = (one, names, ...more) => {
    const style = getComputedStyle(one), read = [...more, ...names.map((name) => style[name])].join();
    if (!numbers.has(read)) numbers.set(read, `;${numbers.size}`);
    return numbers.get(read);
  };
  const line = (one) => number(one, own, Math.min(letters(one), 2), one.matches("a[href]"))
    + (getComputedStyle(one).display.startsWith("inline") ? line(one.parentElement) : "");
  const stack = (one) => {
    if (one && !stacks.has(one)) {
      const above = stack(one.parentElement), last = number(one, behind);
      stacks.set(one, above.endsWith(last) ? above : above + last);
    }
    return stacks.get(one) ?? "";
  };
  for (const one of document.querySelectorAll(`${within} *`)) {
    one.removeAttribute("data-marked");
    if (!letters(one) && !one.matches("a[href], input, select, textarea")) continue;
    if (!one.checkVisibility({visibilityProperty: true})) continue;
    const known = looks.size;
    looks.add(line(one) + stack(one));
    if (looks.size > known) one.setAttribute("data-marked", "");
  }
}"""
# The rules of colours, asked of what is marked alone.
OF_MARKED = """
axe.configure({rules: [{id: "color-contrast", selector: "[data-marked]"},
  {id: "link-in-text-block", selector: "a[href][data-marked]"}]});"""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
#: A finger needs room, which axe looks at when it is told to.
OF_FINGERS = {"target-size": {"enabled": True}}
#: The rules that follow from how much room there is, not from what stands there.
OF_ROOM = ["scrollable-region-focusable", "target-size"]
LOOK = """async ([within, options]) => {
  const found = await axe.run(within, options);
  const looked = [...found.passes, ...found.violations].map((rule) => rule.id);
  return [looked, found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`))];
}"""


def violations(page: Page, within: str = ":root", **options: Any) -> list[str]:
    """What axe complains of `within` an element, by rule; it looked, for many of its rules found something to pass.

    With `options` of axe; colours are looked at unless they say otherwise.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT + OF_MARKED)
    coloured = options.get("runOnly") != OF_ROOM
    if coloured:
        page.evaluate(MARK, within)
    looked, broken = page.evaluate(LOOK, [within, {"resultTypes": ["violations"], **options}])
    assert len(looked) > 15 or "runOnly" in options
    assert ("color-contrast" in looked) is coloured
    return broken
