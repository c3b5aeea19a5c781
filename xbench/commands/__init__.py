"""The commands, one module each: parse, call, show; no logic. Heavy imports happen inside them."""
