"""From traces to a dataset that a model is tuned on."""
