"""What pages and REST need alike: who asks, how our errors become answers, how files come and go."""
