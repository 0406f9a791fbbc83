"""The book's figures, in one style.

Every initializer keeps its color and line style through the whole book; a figure is told which
label has which. What goes up, signals and the fan in, and what comes down, gradients and the fan
out, have a color and a marker each. Measurements are dots or bands, theory is a thin dark line, and
the title of a figure states its finding.
"""

from .curves import compare, losses
from .layers import histograms, signals, symptoms
from .pictures import arrows, both_ways, halves, layer, network, rolls, tiles, walks
from .places import gains, hero
from .style import COLORS, GRADIENT, LINES, SIGNAL, THEORY, panels, use_style

__all__ = [
    "COLORS",
    "GRADIENT",
    "LINES",
    "SIGNAL",
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
    "network",
    "panels",
    "rolls",
    "signals",
    "symptoms",
    "tiles",
    "use_style",
    "walks",
]
