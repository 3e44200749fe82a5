"""Items and edits in, token shards out: what the training loops read."""
