"""`python -m xbench` is `xbench`."""

from xbench.cli import main

main()
