"""The functions of the Python API, as `import xbench` offers them: the same jobs that the commands carry out."""
