"""Flame graphs: stacks, counted, as one self-contained SVG.

Each box is a function; on it stand the functions it called. Its width is its share of the work, callees included. The
colour is the class of work (classes.toml) the function itself would be counted as. The title of a box, which browsers
show as a tooltip, has the full name and the numbers; a click on a box enlarges it.
"""
from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape, quoteattr

from .classify import Classifier
from .stacks import UNNAMED, Frame, Stack, Stacks

WIDTH = 1200.0
ROW = 18
FONT = 11.5
LETTER = 6.95  # width of one letter of the font
NARROWEST = 0.5  # boxes below this width are left out; their parent shows the gap
MARGIN = 10
ENTRIES_IN_A_ROW = 4
SCRIPT = pathlib.Path(__file__).with_name("flamegraph.js")


@dataclasses.dataclass
class Node:
    frame: Frame
    kind: str  # key of the class
    weight: int = 0  # with callees
    children: dict[Frame, "Node"] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Box:
    node: Node
    depth: int
    left: float  # 0 to 1
    right: float


def build(stacks: Stacks, classify: Callable[[Stack], str]) -> Node:
    root = Node(Frame("all", ""), "")
    for stack, weight in stacks.items():
        root.weight += weight
        node = root
        for depth, frame in enumerate(stack):
            child = node.children.get(frame)
            if child is None:
                child = node.children[frame] = Node(frame, classify(stack[:depth + 1]))
            child.weight += weight
            node = child
    return root


def boxes(root: Node, order: dict[str, int]) -> Iterator[Box]:
    """Depth first; siblings by class, then the heaviest first."""
    def place(node: Node, depth: int, left: float) -> Iterator[Box]:
        share = node.weight / root.weight
        if share * WIDTH < NARROWEST:
            return
        yield Box(node, depth, left, left + share)
        for child in sorted(node.children.values(), key=lambda c: (order.get(c.kind, -1), -c.weight, c.frame)):
            yield from place(child, depth + 1, left)
            left += child.weight / root.weight
    if root.weight:
        yield from place(root, 0, 0.0)


def label(frame: Frame) -> str:
    return f"[{frame.object}]" if frame.name == UNNAMED else frame.name.removeprefix("breakwater::")


def fitting(text: str, width: float) -> str:
    letters = int((width - 6) / LETTER)
    if letters < 3:
        return ""
    return text if len(text) <= letters else text[:letters - 1] + "…"


def ink(colour: str) -> str:
    """Black or white, whichever is read more easily on the colour."""
    red, green, blue = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    return "#000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#fff"


def render(stacks: Stacks, classifier: Classifier, title: str, subtitle: str, amount: Callable[[float], str]) -> str:
    """amount: says what a share (0 to 1) is in the unit of the measurement."""
    order = {entry.key: place for place, entry in enumerate(classifier.classes)}
    root = build(stacks, classifier.classify)
    placed = list(boxes(root, order))
    shares = {entry.key: 0 for entry in classifier.classes}
    for stack, weight in stacks.items():
        shares[classifier.classify(stack)] += weight
    legend = [entry for entry in classifier.classes if shares[entry.key]]
    legend.sort(key=lambda entry: -shares[entry.key])
    legend_rows = -(-len(legend) // ENTRIES_IN_A_ROW)
    top = 62 + legend_rows * 20
    deepest = max((box.depth for box in placed), default=0)
    height = top + (deepest + 1) * ROW + MARGIN
    full = WIDTH + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flame" viewBox="0 0 {full:g} {height}" width="{full:g}" '
        f'height="{height}" data-width="{WIDTH:g}" data-letter="{LETTER}" font-family="DejaVu Sans Mono, monospace" '
        f'font-size="{FONT}">',
        "<style>.flame g.f{cursor:pointer}.flame g.f:hover rect{stroke:#000;stroke-width:1}"
        ".flame text{pointer-events:none}</style>",
        f'<rect width="{full:g}" height="{height}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="24" font-size="16" font-weight="bold" font-family="sans-serif" fill="#111">'
        f'{escape(title)}</text>',
        f'<text x="{MARGIN}" y="44" font-size="12" font-family="sans-serif" fill="#444">{escape(subtitle)}</text>',
    ]
    for place, entry in enumerate(legend):
        x = MARGIN + place % ENTRIES_IN_A_ROW * WIDTH / ENTRIES_IN_A_ROW
        y = 56 + place // ENTRIES_IN_A_ROW * 20
        share = shares[entry.key] / root.weight
        out.append(f'<g class="legend"><title>{escape(entry.about)}</title>'
                   f'<rect x="{x:g}" y="{y}" width="13" height="13" fill="{entry.colour}"/>'
                   f'<text x="{x + 19:g}" y="{y + 11}" font-family="sans-serif" fill="#111">{escape(entry.title)}: '
                   f"{share:.1%}</text></g>")
    out.append(f'<g transform="translate({MARGIN},0)">')
    colours = {entry.key: entry.colour for entry in classifier.classes}
    for box in placed:
        frame, share = box.node.frame, box.node.weight / root.weight
        colour = colours.get(box.node.kind, "#e8e8e8")
        y = height - MARGIN - (box.depth + 1) * ROW
        left, width = box.left * WIDTH, (box.right - box.left) * WIDTH
        kind = classifier.by_key[box.node.kind].title if box.node.kind else "everything"
        where = f" ({frame.object})" if frame.object else ""
        name = label(frame) if frame.object else "all"
        out.append(
            f'<g class="f" data-a="{box.left:.7f}" data-b="{box.right:.7f}" data-d="{box.depth}" '
            f"data-n={quoteattr(name)}>"
            f"<title>{escape(frame.name + where)}\n{share:.2%}, {escape(amount(share))}; {escape(kind)}</title>"
            f'<rect x="{left:.2f}" y="{y}" width="{max(width - 0.4, 0.1):.2f}" height="{ROW - 1}" fill="{colour}"/>'
            f'<text x="{left + 3:.2f}" y="{y + 13}" fill="{ink(colour)}">{escape(fitting(name, width))}</text></g>')
    out.append("</g>")
    out.append(f"<script><![CDATA[\n{SCRIPT.read_text()}]]></script></svg>")
    return "\n".join(out) + "\n"
