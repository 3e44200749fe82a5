"""Traces in, a dataset out: cleaned, selected, checked, and written as the student's own prompts.

settings cases        every number of the builder; what travels through it
gather sides          the tasks of all folders, guarded; no task on both sides
spool reviewed        traces in files by task, so that memory does not grow with them; what people decided on them
pick                  which answers are learnt from:
    again             ... doing what was recorded, and gaining by it, when it runs again
    lines pieces witness text kinds  ... without program lines that change nothing
    verify            ... right on examples that no teacher saw
    select comments   ... 64 best -> 32 shortest -> 8 most different
thinking              repeated ideas and fluff out of the reasoning
augment rewrite words the same program under other colours and orientations, proven by running it
form weights          prompt and answer in the student's style; every task counts the same
preferences           better and worse children of one parent
work build            one bucket of tasks; the whole
index join            where rows lie and what they weigh; those of other datasets among them, each once
store folder alike    the folder: written and read, whole or not at all, joined
card histogram        ... and shown
"""
