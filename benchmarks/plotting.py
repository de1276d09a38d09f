"""Plots of curves on two logarithmic axes, as small SVG files written by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 480, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 36, 44
COLOURS = ("#888888", "#0b6bcb", "#c2410c", "#15803d")


class Curve(NamedTuple):
    """A name and its points; those that are not above zero are left out."""

    name: str
    points: Sequence[tuple[float, float]]


def plot(title: str, x_label: str, y_label: str, curves: Sequence[Curve]) -> str:
    """Return the SVG text of a plot."""
    shown = [(x, y) for curve in curves for x, y in curve.points if y > 0]
    x_range = _decades([x for x, _ in shown])
    y_range = _decades([y for _, y in shown])

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_range[0]) / (x_range[-1] - x_range[0])
        up = (math.log10(y) - y_range[0]) / (y_range[-1] - y_range[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (
            HEIGHT - TOP - BOTTOM
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, 18, title, "middle", 'font-size="13"'),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label, "middle"),
        f'<g transform="rotate(-90 14 {HEIGHT / 2})">'
        + _text(14, HEIGHT / 2, y_label, "middle")
        + "</g>",
    ]
    for decade in x_range:
        x, _ = place(10.0**decade, 10.0 ** y_range[0])
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e5e5e5"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 14, _power(decade), "middle"))
    for decade in y_range:
        _, y = place(10.0 ** x_range[0], 10.0**decade)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e5e5e5"/>')
        parts.append(_text(LEFT - 6, y + 4, _power(decade), "end"))
    for k, (curve, colour) in enumerate(zip(curves, COLOURS)):
        places = [place(x, y) for x, y in curve.points if y > 0]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        parts.append(_text(LEFT + 10, TOP + 14 + 15 * k, curve.name, "start", f'fill="{colour}"'))
    return "\n".join([*parts, "</svg>", ""])


def _decades(values: Sequence[float]) -> list[int]:
    """Return the powers of ten from below the least to above the greatest value."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return list(range(low, max(high, low + 1) + 1))


def _power(decade: int) -> str:
    return f'10<tspan dy="-4" font-size="8">{decade}</tspan>'


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{text}</text>'
