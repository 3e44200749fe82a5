"""Traces read by a person: a page on loopback that shows one at a time and writes what is decided to `review.jsonl`.

    decisions    the file: who reads a traces folder asks it
    cards diff   what is shown of a trace; parent and child line by line
    text         foreign text made harmless
    app          routes, the URL's token, headers
    page.html    the look and the keys; one file, no build step

Programs and thinking are hostile text: the page puts them in as text alone, under a policy that lets no script run but
its own. Children are run again, in the sandbox. Left out: several reviewers who disagree (the last one counts),
preference pairs.
"""
