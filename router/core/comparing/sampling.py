"""Which exchanges are compared, and which pairs count."""

DAY_S = 86_400.0


def is_sampled(sample: float, chance: float) -> bool:
    """Whether an exchange is one of *sample* per cent, by a *chance* in [0, 1).

    Each exchange is drawn for itself. A sticky sample would ask about the same users for ever, and
    one by the request's id could be steered, since the client may choose that.
    """
    return chance * 100 < sample


def straddles(began: float, ended: float) -> bool:
    """Whether the UTC date changed between two moments (seconds since 1970): both may be right."""
    return began // DAY_S != ended // DAY_S
