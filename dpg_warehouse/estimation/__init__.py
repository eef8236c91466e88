"""The statistics that SQL cannot give: weights, changes, ranks, summaries.

Pure functions: numpy arrays and dataclasses in, frozen dataclasses out; nothing here reads or writes
a database. docs/methodology.md says what each figure means and where its method comes from.

    margins.py      the invited list's margins, with small levels collapsed
    weights.py      raking a wave's respondents to these margins
    weighted.py     weighted shares with the variance that knows of the raking
    intervals.py    Wilson's and the exact hypergeometric limits of a share
    differences.py  one difference between two waves: interval and test
    change.py       all differences of a question between two waves, as one family
    segments.py     one test whether a question's answers differ between segments
    ranks.py        which ranks of an option the answers allow
    scales.py       mean, median and top share of scales; mean rank and Borda points of ranks
"""
