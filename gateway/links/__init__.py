"""Links that work once, for downloads and event streams of a browser (一次性链接)."""
