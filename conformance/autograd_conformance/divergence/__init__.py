"""First divergence: at which node of a failing case's graph the subject first parts from torch.

`tape.py` takes down both sides' nodes, `alignment.py` finds the earliest difference, `sources.py`
runs a case, a scenario or a fuzz program with tapes on, `graphs.py` draws both graphs.
"""

from autograd_conformance.divergence.alignment import Divergence, first_divergence
from autograd_conformance.divergence.graphs import as_dot, as_html, as_svg, as_text
from autograd_conformance.divergence.sources import divergence_of, graph_svg, tapes_of_program

__all__ = [
    "Divergence",
    "as_dot",
    "as_html",
    "as_svg",
    "as_text",
    "divergence_of",
    "first_divergence",
    "graph_svg",
    "tapes_of_program",
]
