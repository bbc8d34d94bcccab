"""IFBench's 58 instructions (Pyatkin et al. 2025, arXiv 2507.02833): does a text follow one of them?

Written from the instructions' wording and from what the authors' program checks (allenai/IFBench, commit
db69a6f0), so that scores can be compared; where the two differ, the checker's docstring says which holds.
`checkers.CHECKERS` has all of them by name. They know texts and arguments, no problems and no graders.
"""
