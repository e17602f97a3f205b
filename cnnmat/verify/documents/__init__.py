"""Lectures as they are written, in LaTeX or Markdown: their equations found, bound and run."""
