"""Test-time learning: the model is tuned on a task while the task is searched, many small updates, each under guard.

    hindsight   programs of the pool are right answers to the task of their own outputs       -> Examples
    advantage   answers to one prompt, compared with each other (GRPO)                        -> Examples
    loss        both losses, pure functions
    lora        the adapter: factors beside a resident model's layers, reset in place          (torch)
    step        gradients into the adapter, with a deadline, and a ladder when memory runs out (torch)
    guard       what a healthy round of samples looks like, and what is a breach
    learner     when to learn, what, how much; the engine's new weights; the way back

A learner listens to the rounds of `arc_submit.solve`, so every sample that it learns from was a try at the task first,
and stays in the pool whatever becomes of the adapter. Left out: learning from other tasks (`training` does that), full
fine-tuning, the model behind a server.
"""
