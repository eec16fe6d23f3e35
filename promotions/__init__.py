"""What makes a price lower: price rules, coupon codes."""
