"""`python -m console`: the same as `cordon`.

What a newcomer would get wrong: nothing is decided here; the command line does that.
"""

import multiprocessing


def main() -> None:
    """Hands over to the command line."""
    multiprocessing.freeze_support()  # a built program starts itself anew for each process of a pool
    from console.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
