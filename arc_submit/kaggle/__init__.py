"""From a checkout to a scored submission: pack, push, follow, submit. Light: nothing here imports torch."""
