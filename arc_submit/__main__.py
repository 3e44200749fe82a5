"""python -m arc_submit: the same as the console script."""

from arc_submit.cli import main

main()
