"""Forward mode: levels, dual tensors, and where tangents go: views, writes, modes, backward."""
