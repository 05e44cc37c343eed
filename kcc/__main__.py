"""`python -m kcc`, and the entry point of the command `kcc`; the commands themselves are in cli."""

from kcc.cli import cli


def main() -> None:
    """Run the command line."""
    cli(prog_name="kcc")


if __name__ == "__main__":
    main()
