"""Whether two upstreams gave the same answer: what fallback never catches is a wrong 200.

`sampling` says which exchanges are compared, `reading` makes values of answers, `differing` finds
where two of them differ, `judging` does all that for one exchange. `noise` judges whether legacy
differs from itself as often, `book` keeps the evidence, `gathering` adds up that of several
workers, `showing` tells values without telling anybody's data.
"""
