"""How the weights come to be: tasks, data, pre-training, fine-tuning. See training/README.md."""
