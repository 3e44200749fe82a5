"""Programs without a language model: enumerated bottom-up, mutated, crossed.

    config -> values -> guards, expressions -> grammar -> terminals, bank -> goals -> openings -> enumerate
    program -> context -> mutate, crossover
"""
