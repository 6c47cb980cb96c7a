"""The tables. Nothing in them is particular to one database."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """What all tables descend from."""


class User(Table):
    """Somebody who can log in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(40))
    level: Mapped[int] = mapped_column(CheckConstraint("level BETWEEN 1 AND 5"))
    password_hash: Mapped[str] = mapped_column(String(200))


class MuscleGroup(Table):
    """A muscle group of one body part."""

    __tablename__ = "muscle_groups"

    # Catalogue ids are given, not drawn: a sequence would not know of them and draw them again.
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    body_part: Mapped[str] = mapped_column(String(40))


class Exercise(Table):
    """An exercise; *base_weight* is kilograms for somebody of level 3, 0 means body weight."""

    __tablename__ = "exercises"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(String(1000))
    difficulty: Mapped[int] = mapped_column(CheckConstraint("difficulty BETWEEN 1 AND 5"))
    body_part: Mapped[str] = mapped_column(String(40))
    base_weight: Mapped[int]


class Work(Table):
    """That an exercise works a muscle group, and how hard: 1 (a little) to 5 (very)."""

    __tablename__ = "exercise_muscle_groups"

    exercise_id: Mapped[int] = mapped_column(ForeignKey("exercises.id"), primary_key=True)
    muscle_group_id: Mapped[int] = mapped_column(ForeignKey("muscle_groups.id"), primary_key=True)
    is_primary: Mapped[bool]
    intensity: Mapped[int] = mapped_column(CheckConstraint("intensity BETWEEN 1 AND 5"))


class Done(Table):
    """One exercise that somebody did on one day. *user* is the token's ``sub``.

    It refers to no row of users: whoever holds a valid token may keep a history.
    """

    __tablename__ = "history"
    __table_args__ = (Index("history_of_user", "user", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(String(320))
    day: Mapped[date]
    exercise_id: Mapped[int] = mapped_column(ForeignKey("exercises.id"))
    weight: Mapped[float]
    reps: Mapped[int]
    sets: Mapped[int]


class Tries(Table):
    """How many wrong passwords were tried in a window that *expires* (seconds since 1970).

    *key* is a digest of whom they are counted for: a name, or an address.
    """

    __tablename__ = "login_tries"
    __table_args__ = (Index("login_tries_by_end", "expires"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    expires: Mapped[float]
