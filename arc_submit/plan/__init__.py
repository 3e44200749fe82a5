"""What hours buy, and how they are best shared out.

    profile       numbers of one machine and one model, each with its source: shipped as TOML, or measured
    measure       those numbers, taken here in some seconds
    arithmetic    hours -> seconds, prompts, tokens, programs and updates per task; what is wrong with a plan
    risk          how likely tasks are left without their first share: the first pass drawn many times
    curves        a finished run's trace as one curve per task: spent seconds -> promise, passer, right
    policies      ways to share out a budget: equal, equal with flow, by worth, oracle
    replay        the policies on recorded curves: solved tasks per hour, with standard errors

Not here: the shares of a run while it runs (`arc_submit.budget`), what a person sees (`arc_submit.cli.plan`).
"""
