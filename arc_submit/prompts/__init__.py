"""Task and view in, prompt out: the one writer for sampling, edits and training."""
