"""Generated tasks: one file per family of core knowledge, gathered in `registry`."""
