"""Programs improved step by step, every step judged: what a model learns to edit from.

records     one judged answer, and its file
"""
