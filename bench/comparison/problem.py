"""What the user must know and do something about: printed as one message, without a traceback."""


class Problem(Exception):
    """The text says what is wrong and what to do next."""
