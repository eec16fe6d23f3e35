"""An order changed after it was placed: agreed in a preview, settled, or dropped without effect."""
