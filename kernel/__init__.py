"""What Kaggle runs: find the inputs, install offline, check the machine, call the solver in a subprocess, hand in.

Standard library only: this room works before anything is installed. It never imports the solver.
"""
