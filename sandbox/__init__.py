"""Facebook, Instagram and Stripe in small: what the demo and the tests run against."""
