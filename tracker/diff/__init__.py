"""Two texts side by side: which sentence became which, and what changed inside.

`sentences` aligns in two stages: equal sentences first (in order, then moved), after that edited ones by their likeness (`alike`).
`words` compares the words of an edited sentence (`tokens`); both stages search for what is common with `sequences`, which holds diff-match-patch.

Computes only.
"""

from tracker.diff.sentences import diff_texts
from tracker.diff.words import diff_words

__all__ = ["diff_texts", "diff_words"]
