"""What a checkpoint can do: solve rate, edits, how near the misses are, and one checkpoint against another."""
