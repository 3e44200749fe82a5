"""Evolution of programs for one task: a population, its parents, and the proposers that fill it.

`fitness` orders programs, `population` keeps them (clusters by behaviour, islands, Thompson parent choice), `proposer`
is the protocol behind which symbolic search and language models look alike, `proposers` builds them by name, `hunt` is
one task's search as the loop in `arc_submit.solve` sees it.
"""

from arc_submit.search.hunt import Hunt
from arc_submit.search.population import Population
from arc_submit.search.proposer import Proposer

__all__ = ["Hunt", "Population", "Proposer"]
