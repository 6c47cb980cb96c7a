"""Users of the application, for Locust: they look at the WOD, the catalogue, their history.

    locust -f load/locustfile.py --host http://127.0.0.1:8080 --headless

`load.wishes` has the environment variables that say how many, how long and which; `load.people`
where their tokens come from. Exit code 1 if what `load.promises` lists was not kept.
"""

import logging
import os
import random
import time
from itertools import count

import gevent
from locust import FastHttpUser, LoadTestShape, events, task

from load.people import Person, log_in_at, people
from load.promises import verdicts
from load.shapes import users_at
from load.sides import side_of
from load.tally import WOD, Tally
from load.wishes import wishes

WISHES = wishes(os.environ)
TALLY = Tally()
PEOPLE: list[Person] = []
NEXT = count()
log = logging.getLogger("load")


@events.test_start.add_listener
def everybody_logs_in(environment, **_):
    """Before the first user acts, so that no login is measured."""
    global TALLY  # noqa: PLW0603 - each press of Locust's start button is a run of its own
    TALLY = Tally()
    try:
        PEOPLE[:] = people(WISHES.users, os.environ, log_in_at(environment.host))
    except (OSError, ValueError) as error:
        log.error("nobody can log in at %s: %s", environment.host, error)  # noqa: TRY400
        TALLY.crashes += 1
        environment.runner.quit()
        return
    if len(PEOPLE) < WISHES.users:
        log.warning("%d users share %d accounts", WISHES.users, len(PEOPLE))
    if WISHES.percent is None:
        log.warning("sides are not judged: LOAD_PERCENT does not say what routes.yaml says")
    TALLY.lasted_s = -time.perf_counter()


@events.test_stop.add_listener
def stop_the_watch(**_):
    """How long it lasted, until the last answer."""
    TALLY.lasted_s += time.perf_counter()


@events.request.add_listener
def count_request(request_type, name, response_time, exception, **_):
    """Every request is good or bad."""
    endpoint = f"{request_type} {name}"
    if exception is None:
        TALLY.good(endpoint, response_time)
    else:
        TALLY.bad(endpoint, str(exception)[:80])


@events.user_error.add_listener
def count_crash(exception, **_):
    """A user whose program failed could not use the application."""
    TALLY.crashes += 1


@events.quitting.add_listener
def judge(environment, **_):
    """The exit code says whether users got what they were promised."""
    found = verdicts(TALLY, WISHES.percent)
    for verdict in found:
        log.info("%s", verdict)
    if WISHES.summary:
        TALLY.write(WISHES.summary)
    environment.process_exit_code = int(not all(verdict.is_kept for verdict in found))


class Chosen(LoadTestShape):
    """Steady, ramp or spike, as LOAD_SHAPE says."""

    def tick(self):
        """Users wanted now."""
        return users_at(WISHES.shape, self.get_run_time(), WISHES.seconds, WISHES.users)


class Member(FastHttpUser):
    """Somebody with the application open."""

    network_timeout = connection_timeout = 30.0

    def on_start(self):
        """Take the next account, and begin at a moment of one's own: users are no choir."""
        if not PEOPLE:
            raise gevent.GreenletExit
        self.person = PEOPLE[next(NEXT) % len(PEOPLE)]
        self.headers = {"Authorization": f"Bearer {self.person.token}"}
        self.seen = [1]
        self.tags = {}
        gevent.sleep(random.uniform(0, WISHES.think_s[1]))

    def wait_time(self):
        """Reading, training."""
        return random.uniform(*WISHES.think_s)

    @task(4)
    def workout(self):
        """The WOD: answered, whole, and by whom it has to be."""
        path = WOD.removeprefix("GET ")
        with self.client.get(path, headers=self.headers, catch_response=True) as answer:
            if answer.status_code == 200:
                self.take(answer)
            elif answer.status_code:
                answer.failure(f"status {answer.status_code}")

    def take(self, answer):
        """Look at a workout."""
        self.seen = [exercise["id"] for exercise in answer.json()["exercises"]]
        if not self.seen:
            answer.failure("no exercises")
        if WISHES.percent is not None:
            told = (answer.headers.get(f"X-{name}") for name in ("Served-By", "Strangler-Decision"))
            TALLY.sided(side_of(self.person.name, WISHES.percent, *told))

    @task(2 if WISHES.mix == "app" else 0)
    def catalogue(self):
        """All exercises; an application keeps them and asks whether they changed."""
        self.look("/fitness/exercises")

    @task(1 if WISHES.mix == "app" else 0)
    def muscle_groups(self):
        """The body."""
        self.look("/fitness/muscle-groups")

    @task(2 if WISHES.mix == "app" else 0)
    def history(self):
        """What I did."""
        self.client.get("/fitness/history", headers=self.headers)

    @task(1 if WISHES.mix == "app" else 0)
    def train(self):
        """One exercise of my workout is done."""
        done = {"exercise_id": random.choice(self.seen), "weight": 20, "reps": 8, "sets": 3}
        body = {"exercises": [done]}
        self.client.post("/fitness/history", json=body, headers=self.headers)

    def look(self, path):
        """Something public that has an ETag."""
        tag = self.tags.get(path)
        headers = {**self.headers, **({"If-None-Match": tag} if tag else {})}
        answer = self.client.get(path, headers=headers)
        self.tags[path] = answer.headers.get("ETag") if answer.headers else tag
