"""The book's figures, in one style.

Every initializer keeps its color and line style through the whole book; a figure is told which
label has which. Measurements are dots or bands, theory is a thin dark line, and the title of a
figure states its finding.
"""

from .curves import compare, losses
from .layers import histograms, signals
from .pictures import arrows, both_ways, halves, layer, rolls, tiles, walks
from .places import gains, hero
from .style import COLORS, LINES, THEORY, panels, use_style

__all__ = [
    "COLORS",
    "LINES",
    "THEORY",
    "arrows",
    "both_ways",
    "compare",
    "gains",
    "halves",
    "hero",
    "histograms",
    "layer",
    "losses",
    "panels",
    "rolls",
    "signals",
    "tiles",
    "use_style",
    "walks",
]
