"""The program that chooses one workout: a question on stdin, exercise ids on stdout, both JSON.

It is a process of its own, and a nice one, so that a search of seconds takes neither the
interpreter lock nor the processor from the requests that are cheap.
"""

import json
import os
import sys

from monolith.wod import Exercise, choose

NICENESS = 10


def main() -> None:
    """Answer one question."""
    os.nice(NICENESS)
    question = json.load(sys.stdin)
    question["exercises"] = [exercise(*columns) for columns in question["exercises"]]
    json.dump(choose(**question), sys.stdout)


def exercise(
    exercise_id: int, body_part: str, difficulty: int, base_weight: int, works: list[list[object]]
) -> Exercise:
    """Give the exercise that JSON made lists of."""
    tuples = tuple((int(str(g)), str(part), int(str(n))) for g, part, n in works)
    return Exercise(exercise_id, body_part, difficulty, base_weight, tuples)


if __name__ == "__main__":
    main()
