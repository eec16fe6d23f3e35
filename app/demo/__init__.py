"""The demo: a flower shop's data, and the sandbox beside the product in one process."""
