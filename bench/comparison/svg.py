"""Pieces of SVG, with classes that a page's style sheet colours (so they follow light and dark)."""
from __future__ import annotations

from html import escape


def text(x: float, y: float, content: str, style: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(content)}</text>'


def rect(x: float, y: float, width: float, height: float, style: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}" class="{style}"/>'


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'


def path(points: list[tuple[float, float]], style: str) -> str:
    """Through all points."""
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{through}" class="{style}"/>'


def dot(x: float, y: float, style: str, said: str, radius: float = 4.5) -> str:
    """said: shown by a pointer on it."""
    return (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="dot {style}">'
            f'<title>{escape(said)}</title></circle>')


def whole(width: float, height: float, title: str, parts: list[str]) -> str:
    return (f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title, quote=True)}">'
            + "".join(parts) + "</svg>")
