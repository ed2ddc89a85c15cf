"""`python -m deepkit` is the command line."""

from deepkit.cli import main

if __name__ == "__main__":
    main()
