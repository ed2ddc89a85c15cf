"""DeepKit: whose fault is it when DeepSeek says the server is busy, and what helps."""
