"""Who writes the programs that a model learns from: a large model behind a server, the small one, or symbolic search.

records     what is asked and what comes back
"""
