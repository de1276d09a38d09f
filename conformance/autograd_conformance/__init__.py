"""A conformance kit: runs any backend, or any module with torch's API, against real PyTorch.

`opinfo_cases` takes the cases from torch's OpInfo, `transfer` carries them over, `observation`
runs one side, `checks` compare two, `budgets` says how far numbers may be apart, `runner` spreads
the work. The commands are in `commands`, the tests that pytest collects in `test_entries`.
"""
