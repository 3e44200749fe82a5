"""Fine-tuning on a dataset folder: settings, examples, the model in memory, what is measured on the way."""
