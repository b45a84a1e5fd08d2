"""Work behind the calls: what is done again and again, without anybody waiting for it."""
