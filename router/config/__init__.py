"""routes.yaml: text in, frozen core objects out, and what is wrong where if it cannot be taken.

`loading` is the way in. Nothing is imported here: who asks for one part, as the supervisor does,
is not to pay for pydantic.
"""
