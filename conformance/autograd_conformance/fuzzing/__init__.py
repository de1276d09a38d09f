"""Random programs of many ops, run on torch and on every subject: what is drawn, run and judged.

A program is plain data (`programs.py`), drawn by Hypothesis (`drawing.py`) from a menu of source
templates (`menu.py`, `companions.py`), run by one interpreter (`interpreter.py`), judged against
torch (`judging.py`), hunted for in batches (`batches.py`) that run in processes of their own
(`processes.py`), remembered (`campaign.py`, `database.py`) and told as a script (`script.py`).
"""
