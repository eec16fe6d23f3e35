"""The shop: catalogue, Facebook tab, basket, orders."""
