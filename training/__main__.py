"""`python -m training` is `arc-train`."""

from training.cli import main

if __name__ == "__main__":
    main()
