"""Functions beside the 160 of the DSL, ours: programs import them as `arc_ext`. numpy, no state.

    kernel      what functions of layers are made of
    tools       helpers that kernels share
    neighbours  what functions of whole grids share
    registry    every function described, and the list of the families

The other files and folders are the families, and what those are made of. Nothing here is an attribute of this package,
and `arc_submit.dsl` offers none of it: what the language model has learnt stays what it is.
"""
